using System.Diagnostics;
using CovidCxr.Hospital.Peers;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests;

/// <summary>dcmtk's storescp as an archive that may be killed: what it acknowledged lies in its folder.</summary>
sealed class StoragePeer : IDisposable
{
    public const string Ae = "PACS";

    Process? _process;

    public StoragePeer(string root)
    {
        Folder = Directory.CreateDirectory(Path.Combine(root, "archive")).FullName;
        Port = FreePort.Find();
    }

    public string Folder { get; }

    public int Port { get; }

    /// <summary>What makes it speak TLS; empty for in the clear.</summary>
    public IReadOnlyList<string> Tls { get; init; } = [];

    /// <summary>The UIDs of what it has: storescp names a file by kind and SOP instance UID.</summary>
    public IReadOnlySet<string> Uids =>
        Directory.GetFiles(Folder).Select(f => Path.GetFileName(f).Split('.', 2)[1]).ToHashSet();

    public IReadOnlyList<string> Files => [.. Directory.GetFiles(Folder).Order(StringComparer.Ordinal)];

    /// <summary>Settings that make it the place where results go.</summary>
    public static (string Key, string Value)[] Destination(int port, string ae = Ae) =>
    [
        ("Hospital:Destinations:0:Name", Ae), ("Hospital:Destinations:0:AeTitle", ae), ("Hospital:Destinations:0:Host", "127.0.0.1"),
        ("Hospital:Destinations:0:Port", $"{port}"), ("Hospital:Destinations:0:Send", "true"),
    ];

    public async Task StartAsync(params string[] more)
    {
        _process = Process.Start(Dcmtk.Find("storescp")!, ["-q", "-aet", Ae, "-od", Folder, .. Tls, .. more, $"{Port}"]);
        await TestHospital.WaitAsync(async () =>
            (await TestHospital.RunAsync("echoscu", ["-to", "2", .. Tls, "127.0.0.1", $"{Port}"])).Code == 0);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
    }

    public void Dispose()
    {
        if (_process is { HasExited: false })
        {
            _process.Kill();
        }

        _process?.Dispose();
    }
}
