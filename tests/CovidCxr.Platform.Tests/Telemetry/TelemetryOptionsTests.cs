using CovidCxr.Platform.Telemetry;

namespace CovidCxr.Platform.Tests.Telemetry;

public sealed class TelemetryOptionsTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("http://collector:4318", true)]
    [InlineData("https://collector.example/otlp", true)]
    [InlineData("collector:4318", false)]
    [InlineData("/collector", false)]
    [InlineData("ftp://collector", false)]
    [InlineData("http://user:secret@collector:4318", false)]
    [InlineData("http://collector:4318/?key=secret", false)]
    public void Endpoint_IsNoneOrAnAddressWithoutASecretInIt(string endpoint, bool isRight)
    {
        var result = new TelemetryOptionsValidator().Validate(null, new() { Endpoint = endpoint });

        Assert.Equal(isRight, result.Succeeded);
        Assert.DoesNotContain("secret", result.FailureMessage ?? "", StringComparison.Ordinal);
    }
}
