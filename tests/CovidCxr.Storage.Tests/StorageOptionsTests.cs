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

    [Theory]
    [InlineData(StorageProvider.Sqlite, "Host=db;Database=covidcxr;Password=SECRET")]
    [InlineData(StorageProvider.PostgreSql, "")]
    [InlineData(StorageProvider.PostgreSql, "Host=db;Password=SECRET")]
    [InlineData(StorageProvider.PostgreSql, "Database=covidcxr;Password=SECRET")]
    [InlineData(StorageProvider.PostgreSql, "Host=db;Database=covidcxr;Secret=SECRET")]
    [InlineData(StorageProvider.PostgreSql, "Host=db;Database=covidcxr;Port=SECRET")]
    [InlineData(StorageProvider.PostgreSql, "SECRET")]
    public void Validate_DatabaseThatDoesNotFit_NamesTheKeyAndNotTheValue(StorageProvider provider, string connection)
    {
        var result = new StorageOptionsValidator().Validate(null, new() { Provider = provider, ConnectionString = connection });

        var failure = Assert.Single(result.Failures!);
        Assert.Contains("Storage:ConnectionString", failure, StringComparison.Ordinal);
        Assert.DoesNotContain("SECRET", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_PostgreSqlWithHostAndDatabase_IsRight() => Assert.True(new StorageOptionsValidator().Validate(
        null, new() { Provider = StorageProvider.PostgreSql, ConnectionString = "Host=db;Database=covidcxr;Username=a" }).Succeeded);
}
