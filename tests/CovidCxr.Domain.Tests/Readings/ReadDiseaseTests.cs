using CovidCxr.Domain.Readings;

namespace CovidCxr.Domain.Tests.Readings;

public class ReadDiseaseTests
{
    [Theory]
    [InlineData("COVID-19", true)]
    [InlineData("Covid", true)]
    [InlineData("covid_19", true)]
    [InlineData("COVID 19", true)]
    [InlineData("Tuberculosis", false)]
    [InlineData("COVID-19 negative", false)]
    [InlineData("Non-COVID", false)]
    [InlineData("Other", false)]
    [InlineData("", false)]
    public void Is_OfAClass_HoldsForTheDiseaseAlone(string className, bool expected) => Assert.Equal(expected, ReadDisease.Is(className));

    [Theory]
    [InlineData("COVID-19 negative", true)]
    [InlineData("Pneumonia (covid)", true)]
    [InlineData("Tuberculosis", false)]
    public void IsMentionedIn_OfALabel_HoldsWhateverElseItSays(string label, bool expected) =>
        Assert.Equal(expected, ReadDisease.IsMentionedIn(label));
}
