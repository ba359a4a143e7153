using System.Diagnostics;
using System.Net.Http.Json;
using System.Text;
using CovidCxr.Testing;

namespace CovidCxr.Hospital.Tests;

/// <summary>Orthanc as the hospital's archive.</summary>
sealed class Orthanc : IAsyncDisposable
{
    public const string Ae = "ORTHANC";

    const string Program = "/usr/sbin/Orthanc", DicomWeb = "/usr/share/orthanc/plugins/libOrthancDicomWeb.so";

    readonly Process _process;

    Orthanc(Process process, int http) => (_process, Client) = (process, new() { BaseAddress = new($"http://127.0.0.1:{http}") });

    public HttpClient Client { get; }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static void Need() => Assert.SkipUnless(File.Exists(Program), "No Orthanc here: apt-get install orthanc.");

    public static void NeedDicomWeb()
    {
        Need();
        Assert.SkipUnless(File.Exists(DicomWeb), "No DICOMweb for Orthanc here: apt-get install orthanc-dicomweb.");
    }

    /// <param name="port">Where it takes objects.</param>
    /// <param name="sendsTo">Where the receiver of the program under test listens.</param>
    /// <param name="http">Where it speaks http; 0 for anywhere.</param>
    public static async Task<Orthanc> StartAsync(TestHospital hospital, int port, int sendsTo, int http = 0)
    {
        http = http == 0 ? FreePort.Find() : http;
        var folder = hospital.Clinic.Folder.Data.Root;
        var configuration = hospital.Write("orthanc.json", Encoding.UTF8.GetBytes($$"""
            {
              "StorageDirectory": "{{folder}}/orthanc", "IndexDirectory": "{{folder}}/orthanc", "HttpPort": {{http}},
              "DicomPort": {{port}}, "DicomAet": "{{Ae}}", "AuthenticationEnabled": false,
              "Plugins": [{{(File.Exists(DicomWeb) ? $"\"{DicomWeb}\"" : "")}}],
              "DicomModalities": { "covidcxr": ["{{TestHospital.Ae}}", "127.0.0.1", {{sendsTo}}] }
            }
            """));
        var process = Process.Start(new ProcessStartInfo(Program, [configuration])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var orthanc = new Orthanc(process, http);
        await TestHospital.WaitAsync(orthanc.AnswersAsync);
        return orthanc;
    }

    public async Task<string[]> InstancesAsync() => (await Client.GetFromJsonAsync<string[]>("/instances", Cancellation))!;

    /// <summary>The main attributes of an instance by their names.</summary>
    public async Task<Dictionary<string, object>> TagsAsync(string instance) =>
        (await Client.GetFromJsonAsync<Dictionary<string, object>>($"/instances/{instance}/simplified-tags", Cancellation))!;

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    async Task<bool> AnswersAsync()
    {
        try
        {
            return (await Client.GetAsync("/system", Cancellation)).IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
