using CovidCxr.Hospital.Peers;

namespace CovidCxr.Hospital.Tests.Peers;

public sealed class HospitalOptionsTests
{
    static bool IsRight(HospitalOptions options) => new HospitalOptionsValidator().Validate(null, options).Succeeded;

    static HospitalOptions Peer(string ae, string host = "10.0.0.1", int port = 104) =>
        new() { Peers = [new() { AeTitle = ae, Host = host, Port = port }] };

    [Fact]
    public void Validate_Defaults_AreRightAndOff()
    {
        Assert.True(IsRight(new()));
        Assert.False(new HospitalOptions().Receive);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" X")]
    [InlineData("SEVENTEEN-LETTERS")]
    [InlineData("A\\B")]
    [InlineData("A\n")]
    public void Validate_NameThatIsNone_IsWrong(string ae)
    {
        Assert.False(IsRight(new() { AeTitle = ae }));
        Assert.False(IsRight(Peer(ae)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-xf")]
    [InlineData("a b")]
    [InlineData("a;b")]
    [InlineData("a\n")]
    public void Validate_HostThatIsNone_IsWrong(string host) => Assert.False(IsRight(Peer("CR1", host)));

    [Fact]
    public void Validate_RangesAndPeers_AreChecked()
    {
        Assert.True(IsRight(Peer("CR 1", "fd00::7", 0)));
        Assert.False(IsRight(Peer("CR1", port: 70000)));
        Assert.False(IsRight(new() { Port = 0 }));
        Assert.False(IsRight(new() { IdleTimeout = TimeSpan.FromSeconds(1) }));
        Assert.False(IsRight(new() { MaxWaiting = 0 }));
    }
}
