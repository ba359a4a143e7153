using CovidCxr.Learning.Data;

namespace CovidCxr.Learning.Tests.Data;

public class PatientTraitsTests
{
    [Theory]
    [InlineData("M", "M")]
    [InlineData(" male ", "M")]
    [InlineData("Female", "F")]
    [InlineData("other", "O")]
    [InlineData("divers", "DIVERS")]
    [InlineData("", null)]
    [InlineData("Unknown", null)]
    [InlineData("nan", null)]
    [InlineData("a long sentence about somebody", null)]
    public void Sex_OfACell_IsWrittenInOneWay(string cell, string? expected) => Assert.Equal(expected, PatientTraits.Sex(cell));

    [Theory]
    [InlineData("63", "63")]
    [InlineData("63.9", "63")]
    [InlineData("063Y", "63")]
    [InlineData("018M", "1")]
    [InlineData("006m", "0")]
    [InlineData("104W", "2")]
    [InlineData("020D", "0")]
    [InlineData("90+", "90")]
    [InlineData("97", "90")]
    [InlineData("", null)]
    [InlineData("Y", null)]
    [InlineData("-5", null)]
    [InlineData("131", null)]
    [InlineData("1e2", null)]
    [InlineData("NaN", null)]
    [InlineData("sixty", null)]
    public void Age_OfACell_IsWholeYears(string cell, string? expected) => Assert.Equal(expected, PatientTraits.Age(cell));
}
