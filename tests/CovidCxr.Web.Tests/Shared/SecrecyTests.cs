namespace CovidCxr.Web.Tests.Shared;

public sealed class SecrecyTests
{
    static readonly string[] Secrets = ["8765", "0198f000-0000-7000-8000-0000000000cc"];

    [Theory]
    [InlineData("<button id=\"0198f00f-1fcf-45f1-a541-507352487654\">", true)]
    [InlineData("/studies/0198f00f1fcf45f1a541507352487654/film", true)]
    [InlineData("<td>0.8765</td>", false)]
    [InlineData("/models/0198F000-0000-7000-8000-0000000000CC", false)]
    public void Number_IsASecretWhereverItIsNoPartOfAnIdentifier(string text, bool isKept) =>
        Assert.Equal(isKept, Record.Exception(() => Secrecy.AssertKeeps(Secrets, text)) is null);
}
