using System.Net;
using System.Net.Sockets;
using CovidCxr.Domain.Hospital;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Hospital.Tests.Delivery;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests.Peers;

/// <summary>By TLS with dcmtk's programs at the other end, in and out: whoever does not prove who it is gets and gives nothing.</summary>
[Trait("Speed", "Slow")]
public sealed class DicomTlsTests : IDisposable
{
    readonly TestFolder _folder = new();
    readonly TestCertificates _ours, _strangers;

    public DicomTlsTests()
    {
        TestHospital.NeedDcmtk();
        (_ours, _strangers) = (new(_folder.Data.Root, "hospital"), new(_folder.Data.Root, "strangers"));
    }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    (string, string)[] Settings(int port = 0, string? certificate = null, string? authority = null) =>
    [
        ("Hospital:TlsPort", $"{port}"), ("Hospital:Certificate", certificate ?? _ours.Issue("COVIDCXR")),
        ("Hospital:CertificateAuthority", authority ?? _ours.Authority),
    ];

    static async Task<(int Code, string Words)> SendAsync(TestHospital hospital, int port, params string[] tls) =>
        await TestHospital.RunAsync(
            "storescu",
            [
                "-to", "10", "-td", "10", "-ta", "10", .. tls, "-aet", TestHospital.Sender, "-aec", TestHospital.Ae, "127.0.0.1", $"{port}",
                hospital.Write("film", TestHospital.Film(1)),
            ]);

    static Task SaysAsync(TestHospital hospital, string part) => TestHospital.WaitAsync(() => Task.FromResult(hospital.Clinic.Logs.Lines
        .Any(l => l.Contains("turned away", StringComparison.Ordinal) && l.Contains(part, StringComparison.Ordinal))));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Film_OfASenderWithACertificate_BecomesAStudy(bool isPlainToo)
    {
        var port = FreePort.Find();
        await using var hospital = new TestHospital([.. Settings(port), .. isPlainToo ? [] : new[] { ("Hospital:Port", "0") }]);
        await hospital.StartAsync();

        var (code, words) = await SendAsync(hospital, port, _ours.ForDcmtk(_ours.Issue("modality")));

        Assert.True(code == 0, words);
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Filed) == 1);
        Assert.Equal(isPlainToo ? 0 : 1, Math.Sign((await SendAsync(hospital, hospital.Port)).Code));
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains(TestHospital.Patient, StringComparison.Ordinal));
        await TestHospital.WaitAsync(() => Task.FromResult(hospital.Clinic.Get<ReceiverState>().Associations == 0));
        Assert.Contains($"{port} by TLS", (await hospital.Clinic.Get<GetReceiver>().RunAsync(TestClinic.Admin, Cancellation)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sender_ThatDoesNotProveWhoItIs_IsTurnedAway()
    {
        var port = FreePort.Find();
        await using var hospital = new TestHospital(Settings(port));
        await hospital.StartAsync();
        // It trusts us, and shows a certificate of its own authority.
        var foreign = _strangers.Issue("stranger");

        Assert.NotEqual(0, (await SendAsync(hospital, port, "+tls", foreign, foreign, "+cf", _ours.Authority)).Code);
        await SaysAsync(hospital, "is not one of Hospital:CertificateAuthority");
        Assert.NotEqual(0, (await SendAsync(hospital, port, "+tla", "+cf", _ours.Authority)).Code);
        await SaysAsync(hospital, "showed no certificate");
        Assert.NotEqual(0, (await SendAsync(hospital, port)).Code);
        await SaysAsync(hospital, "does not speak TLS");
        // A sender that does not trust us goes by itself.
        var modality = _ours.Issue("modality");
        Assert.NotEqual(0, (await SendAsync(hospital, port, "+tls", modality, modality, "+cf", _strangers.Authority)).Code);

        Assert.Equal(0, await hospital.Clinic.CountAsync<ReceivedObject>());
        Assert.DoesNotContain(hospital.Clinic.Logs.Lines, l => l.Contains(TestHospital.Patient, StringComparison.Ordinal));
        // Nothing of all this takes a place from who may send.
        Assert.Equal(0, (await SendAsync(hospital, port, _ours.ForDcmtk(modality))).Code);
    }

    [Fact]
    public async Task Noise_OnThePortOfTls_LeavesItAlive()
    {
        var port = FreePort.Find();
        await using var hospital = new TestHospital(Settings(port));
        await hospital.StartAsync();
        var random = new Random(7);
        List<TcpClient> open = [];
        for (var i = 0; i < DicomReceiver.MaxHandshakes + 20; i++)
        {
            var bytes = new byte[random.Next(1, 300)];
            random.NextBytes(bytes);
            var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, Cancellation);
            // The beginning of a TLS handshake of a length that never comes, and noise.
            await client.GetStream().WriteAsync(i % 2 == 0 ? [0x16, 3, 1, 0x3F, 0xFF, 1, .. bytes] : bytes, Cancellation);
            if (i % 10 == 0)
            {
                open.Add(client);
            }
            else
            {
                client.Dispose();
            }
        }

        Assert.Equal(0, (await SendAsync(hospital, port, _ours.ForDcmtk(_ours.Issue("modality")))).Code);
        open.ForEach(c => c.Dispose());
    }

    static TestHospital WithPeer(int port, params (string, string)[] settings) => new(
        [("Hospital:Peers:2:AeTitle", "PACS"), ("Hospital:Peers:2:Host", "127.0.0.1"), ("Hospital:Peers:2:Port", $"{port}"),
            ("Hospital:Peers:2:Tls", "true"), .. settings]);

    static Task<EchoResult> EchoAsync(TestHospital hospital) =>
        hospital.Clinic.Get<EchoPeer>().RunAsync("PACS", TestClinic.Admin, Cancellation);

    [Fact]
    public async Task Echo_OfAPeerByTls_AnswersWhereBothAreWhoTheySay()
    {
        using var peer = new StoragePeer(_folder.Data.Root) { Tls = _ours.ForDcmtk(_ours.Issue("archive")) };
        await peer.StartAsync();
        await using var hospital = WithPeer(peer.Port, Settings());
        await using var trusting = WithPeer(peer.Port, Settings(authority: _strangers.Authority));
        await using var stranger = WithPeer(peer.Port, Settings(certificate: _strangers.Issue("COVIDCXR")));
        await using var nobody = WithPeer(FreePort.Find(), Settings());

        Assert.StartsWith("It answered within", (await EchoAsync(hospital)).Message, StringComparison.Ordinal);
        Assert.Contains("cannot be secured", (await EchoAsync(trusting)).Message, StringComparison.Ordinal);
        Assert.False((await EchoAsync(stranger)).HasAnswered);
        Assert.StartsWith("Nothing listens", (await EchoAsync(nobody)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Echo_OfAPeerInTheClear_OrOfAnotherHostsCertificate_SaysSo()
    {
        using var plain = new StoragePeer(Path.Combine(_folder.Data.Root, "plain"));
        await plain.StartAsync();
        using var other = new StoragePeer(Path.Combine(_folder.Data.Root, "other"))
        {
            Tls = _ours.ForDcmtk(_ours.Issue("elsewhere", IPAddress.Parse("192.0.2.7"))),
        };
        await other.StartAsync();
        await using var toPlain = WithPeer(plain.Port, Settings());
        await using var toOther = WithPeer(other.Port, Settings());

        Assert.False((await EchoAsync(toPlain)).HasAnswered);
        Assert.Contains("cannot be secured", (await EchoAsync(toOther)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Results_ByTls_Arrive_AndGoNowhereElse()
    {
        using var peer = new StoragePeer(_folder.Data.Root) { Tls = _ours.ForDcmtk(_ours.Issue("archive")) };
        var (hospital, _) = await SendResultTests.NewAsync(peer.Port, more: [.. Settings(), ("Hospital:Destinations:0:Tls", "true")]);
        await using var __ = hospital;
        var port = peer.Port;
        Assert.Equal(SendTurn.Unreachable, await SendResultTests.SendAsync(hospital));
        var first = await SendResultTests.FirstAsync(hospital);
        Assert.Equal(
            (DeliveryState.Waiting, $"Nothing listens on port {port} of 127.0.0.1.", null),
            (first.State, first.Reason, first.SentAfterChange));
        await peer.StartAsync();
        hospital.Clinic.Time.Advance(SendResult.FirstWait);

        while (await SendResultTests.SendAsync(hospital) == SendTurn.Done)
        {
        }

        Assert.Equal("v1 Delivered Delivered", await QueueResultsTests.StatesAsync(hospital));
        Assert.Equal(2, peer.Uids.Count);
    }

    [Fact]
    public void Validate_CertificatesAndPorts_AreChecked()
    {
        var (ours, authority) = (_ours.Issue("COVIDCXR"), _ours.Authority);
        bool IsRight(HospitalOptions options) => new HospitalOptionsValidator().Validate(null, options).Succeeded;

        Assert.True(IsRight(new() { TlsPort = 2762, Certificate = ours, CertificateAuthority = authority }));
        Assert.True(IsRight(new() { Port = 0, TlsPort = 2762, Certificate = ours, CertificateAuthority = authority }));
        Assert.False(IsRight(new() { TlsPort = 2762, Certificate = ours }));
        Assert.False(IsRight(new() { TlsPort = 2762, CertificateAuthority = authority }));
        Assert.False(IsRight(new() { TlsPort = 11112, Certificate = ours, CertificateAuthority = authority }));
        // A certificate without its key, and a file without a certificate.
        Assert.False(IsRight(new() { Certificate = authority }));
        Assert.False(IsRight(new() { CertificateAuthority = _folder.Data.Root }));
        Assert.False(IsRight(new() { Certificate = "/not/there" }));
        Assert.False(IsRight(new() { Destinations = [new() { Name = "EHR", FhirServer = "https://fhir.example.org", Tls = true }] }));
    }

    public void Dispose()
    {
        _ours?.Dispose();
        _strangers?.Dispose();
        _folder.Dispose();
    }
}
