namespace CovidCxr.Storage.Tests;

public class StorageOptionsTests
{
    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("da\0ta")]
    public void Validate_NoFolder_NamesTheKey(string folder)
    {
        var result = new StorageOptionsValidator().Validate(null, new() { DataFolder = folder });

        Assert.Contains("Storage:DataFolder", Assert.Single(result.Failures!), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_Default_IsRight() => Assert.True(new StorageOptionsValidator().Validate(null, new()).Succeeded);
}
