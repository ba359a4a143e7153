using CovidCxr.Platform.Webhooks;

namespace CovidCxr.Platform.Tests.Webhooks;

public sealed class WebhookSignatureTests
{
    /// <summary>The example of Standard Webhooks' libraries; Python's hmac gives the same.</summary>
    [Fact]
    public void Of_ExampleOfTheStandard_IsItsSignature()
    {
        var secret = WebhookSignature.ReadSecret(Receiver.Secret)!;

        var signature = WebhookSignature.Of([secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, "{\"test\": 2432232314}"u8);

        Assert.Equal("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", signature);
    }

    [Theory]
    [InlineData("")]
    [InlineData("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")]
    [InlineData("whsec_")]
    [InlineData("whsec_not base64")]
    [InlineData("whsec_MfKQ9r8GKYqrTwjUPD8ILPZI")]
    public void ReadSecret_OfWhatIsNone_IsNull(string text) => Assert.Null(WebhookSignature.ReadSecret(text));

    [Fact]
    public void ReadSecret_LongerThanTheStandardHasIt_IsNull()
    {
        Assert.NotNull(WebhookSignature.ReadSecret("whsec_" + Convert.ToBase64String(new byte[64])));
        Assert.Null(WebhookSignature.ReadSecret("whsec_" + Convert.ToBase64String(new byte[65])));
    }

    [Theory]
    [InlineData("https://ris.example.org/hooks?key=1", true)]
    [InlineData("http://127.0.0.1:8080/hooks", true)]
    [InlineData("http://ris.example.org/hooks", false)]
    [InlineData("https://user:password@ris.example.org", false)]
    [InlineData("https://ris.example.org/#a", false)]
    [InlineData("https://ris.example.org/a b", false)]
    [InlineData("ftp://ris.example.org", false)]
    [InlineData("", false)]
    public void Validate_Address_IsHttpsOrOfThisMachine(string address, bool isRight) =>
        Assert.Equal(isRight, IsRight(new WebhookAddressOptions { Name = "RIS", Address = address }));

    [Fact]
    public void Validate_NamesEventsAndSecret_AreChecked()
    {
        const string Address = "https://ris.example.org";
        Assert.True(IsRight(new WebhookAddressOptions { Name = "RIS", Address = Address, Events = ["study.read", "study.ready"] }));
        Assert.False(IsRight(new WebhookAddressOptions { Name = "RIS", Address = Address, Events = ["study.guessed"] }));
        Assert.False(IsRight(new WebhookAddressOptions { Name = "", Address = Address }));
        var twice = new WebhookAddressOptions { Name = "RIS", Address = Address };
        Assert.False(IsRight(twice, twice));
        Assert.False(IsRight(new WebhookAddressOptions { Name = "RIS", Address = Address, Send = true }));
        Assert.False(IsRight(new WebhookAddressOptions { Name = "RIS", Address = Address, SecretFile = "/not/there", Send = true }));
        // Switched off, it keeps no program from starting.
        Assert.True(IsRight(new WebhookAddressOptions { Name = "RIS", Address = Address, SecretFile = "/not/there" }));
    }

    static bool IsRight(params WebhookAddressOptions[] addresses) =>
        new WebhookOptionsValidator().Validate(null, new() { Addresses = addresses }).Succeeded;
}
