using System.Diagnostics;
using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Hospital.Peers;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests.Peers;

/// <summary>The button that asks a peer whether it is there.</summary>
[Trait("Speed", "Slow")]
public sealed class EchoPeerTests
{
    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    static TestHospital WithPeer(int port) => new(
        ("Hospital:Peers:2:AeTitle", "PACS"), ("Hospital:Peers:2:Host", "127.0.0.1"), ("Hospital:Peers:2:Port", $"{port}"));

    static Task<EchoResult> AskAsync(TestHospital hospital, string peer = "PACS", Actor? actor = null) =>
        hospital.Clinic.Get<EchoPeer>().RunAsync(peer, actor ?? TestClinic.Admin, Cancellation);

    [Fact]
    public async Task RunAsync_PeerThatIsThere_Answers()
    {
        TestHospital.NeedDcmtk();
        var port = FreePort.Find();
        await using var hospital = WithPeer(port);
        using var peer = Process.Start(Dcmtk.Find("storescp")!, ["-q", "-od", hospital.Clinic.Folder.Data.Root, $"{port}"]);
        try
        {
            EchoResult? result = null;
            await TestHospital.WaitAsync(async () => (result = await AskAsync(hospital)).HasAnswered);

            Assert.StartsWith("It answered within", result!.Message, StringComparison.Ordinal);
            Assert.Equal("PACS", (await hospital.Clinic.AuditAsync(AuditAction.PeerEcho))[^1].Detail);
        }
        finally
        {
            peer.Kill();
        }
    }

    [Fact]
    public async Task RunAsync_PeerThatIsNotThere_IsSaidInPlainWords()
    {
        TestHospital.NeedDcmtk();
        var port = FreePort.Find();
        await using var hospital = WithPeer(port);

        Assert.Equal(new(false, $"Nothing listens on port {port} of 127.0.0.1."), await AskAsync(hospital));
    }

    [Fact]
    public async Task RunAsync_PeerThatDoesNotKnowUs_SaysWhatToDo()
    {
        TestHospital.NeedDcmtk();
        // Its own receiver, which knows no COVIDCXR, under a name that it has and under one that it has not.
        await using var other = new TestHospital();
        await other.StartAsync();
        await using var hospital = WithPeer(other.Port);

        Assert.Equal("It does not go by the name PACS.", (await AskAsync(hospital)).Message);
        await using var named = new TestHospital(
            ("Hospital:Peers:2:AeTitle", TestHospital.Ae), ("Hospital:Peers:2:Host", "127.0.0.1"),
            ("Hospital:Peers:2:Port", $"{other.Port}"));
        Assert.Equal("It does not know COVIDCXR: enter that name there.", (await AskAsync(named, TestHospital.Ae)).Message);
    }

    [Fact]
    public async Task RunAsync_OfWhoMayNotOrOfNoPeer_IsRefused()
    {
        await using var hospital = new TestHospital();

        await Assert.ThrowsAsync<AccessRefusedException>(() => AskAsync(hospital, actor: TestClinic.Reader));
        // It only sends.
        Assert.False((await AskAsync(hospital, TestHospital.Sender)).HasAnswered);
    }
}
