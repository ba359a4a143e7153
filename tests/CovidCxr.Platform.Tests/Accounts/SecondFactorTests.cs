using CovidCxr.Platform.Accounts;

namespace CovidCxr.Platform.Tests.Accounts;

public sealed class SecondFactorTests
{
    // The key of RFC 6238, appendix B, in base 32, and the last six of its eight digits.
    const string Key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    [Theory]
    [InlineData(59, "287082")]
    [InlineData(1111111109, "081804")]
    [InlineData(1111111111, "050471")]
    [InlineData(1234567890, "005924")]
    [InlineData(2000000000, "279037")]
    public void StepOf_TheCodesOfTheRfc_IsTheirTime(long seconds, string code)
    {
        Assert.Equal(seconds / 30, At(seconds));
        // One step to either side, and no more.
        Assert.Equal(seconds / 30, At(seconds + 30));
        Assert.Equal(seconds / 30, At(seconds - 30));
        Assert.Null(At(seconds + 60));

        long? At(long now) => SecondFactor.StepOf(Key, code, DateTimeOffset.FromUnixTimeSeconds(now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("28708")]
    [InlineData("2870821")]
    [InlineData("28708a")]
    [InlineData("\u0662\u0668\u0667\u0660\u0668\u0662")]
    public void StepOf_WhatIsNoCode_IsNone(string code) =>
        Assert.Null(SecondFactor.StepOf(Key, code, DateTimeOffset.FromUnixTimeSeconds(59)));

    [Fact]
    public void NewKey_IsOf160BitsAndEachAnother()
    {
        var keys = Enumerable.Range(0, 100).Select(_ => SecondFactor.NewKey()).ToList();

        Assert.All(keys, k => Assert.Matches("^[A-Z2-7]{32}$", k));
        Assert.Distinct(keys);
    }
}
