using System.Diagnostics;
using System.Globalization;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Studies;
using CovidCxr.Hospital.Inbox;
using CovidCxr.Hospital.Peers;
using CovidCxr.Imaging.Phantoms;
using CovidCxr.Storage;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Hospital.Tests;

/// <summary>A clinic with the hospital's room, and dcmtk's programs as its peers.</summary>
sealed class TestHospital : IAsyncDisposable
{
    public const string Ae = "COVIDCXR", Sender = "CR1", Patient = "P-4711-SECRET";

    readonly List<IHostedService> _running = [];

    public TestHospital(params (string Key, string Value)[] settings)
    {
        Port = FreePort.Find();
        Clinic = new(services: s => AddTo(s, [.. Settings(Port), .. settings]));
    }

    public TestClinic Clinic { get; }

    public int Port { get; }

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static (string Key, string Value)[] Settings(int port) =>
    [
        ("Hospital:Receive", "true"), ("Hospital:Port", port.ToString(CultureInfo.InvariantCulture)),
        ("Hospital:Peers:0:AeTitle", Sender), ("Hospital:Peers:0:Host", "127.0.0.1"),
        ("Hospital:Peers:1:AeTitle", "ELSEWHERE"), ("Hospital:Peers:1:Host", "192.0.2.1"),
    ];

    public static void AddTo(IServiceCollection services, params (string Key, string Value)[] settings)
    {
        // The last one of a key counts.
        var values = settings.GroupBy(s => s.Key).ToDictionary(g => g.Key, g => (string?)g.Last().Value);
        services.AddCovidCxrHospital(new ConfigurationBuilder().AddInMemoryCollection(values).Build()).AddCovidCxrReceiver();
    }

    /// <summary>A film with a header; another number, other pixels and another UID.</summary>
    /// <param name="study">Of the study UID; null for the film's number.</param>
    public static byte[] Film(
        int number, string patient = Patient, string sex = "F", string born = "19600101", int? uid = null,
        string kind = "1.2.840.10008.5.1.4.1.1.1", string age = "", string view = "PA", int? study = null) => DicomFilm.Write(
            PhantomDrawer.Draw(PhantomKind.Clear, number, size: 64, bits: 8),
            (0x0008_0016, "UI", kind), (0x0008_0018, "UI", $"1.2.826.0.1.3680043.10.999.{uid ?? number}"),
            (0x0008_0060, "CS", "CR"), (0x0008_0050, "SH", $"A{number}"), (0x0010_0020, "LO", patient), (0x0010_0030, "DA", born),
            (0x0010_0040, "CS", sex), (0x0010_1010, "AS", age), (0x0018_0015, "CS", "CHEST"), (0x0018_5101, "CS", view),
            (0x0020_000D, "UI", $"1.2.826.0.1.3680043.10.999.1.{study ?? number}"),
            (0x0020_000E, "UI", $"1.2.826.0.1.3680043.10.999.2.{number}"));

    /// <summary>A film that was received and analysed.</summary>
    /// <returns>The study's id.</returns>
    public async Task<Guid> AnswerAsync(int number, double probability = 0.9, byte[]? film = null)
    {
        var study = (await ReceiveAsync(film ?? Film(number, patient: $"{Patient}-{number}"))).StudyId!.Value;
        await PredictAsync(Clinic.Context, study, probability, Clinic.Time.GetUtcNow());
        return study;
    }

    /// <summary>As the analysis would: COVID-19 with this probability, a heat map of 7 x 7 and a severity.</summary>
    public static async Task<Guid> PredictAsync(Func<CovidCxrDbContext> contexts, Guid study, double probability, DateTimeOffset at)
    {
        await using var db = contexts();
        var model = await db.ModelVersions.FirstOrDefaultAsync(Cancellation) ?? db.ModelVersions.Add(Results.Answers.Model).Entity;
        var prediction = Results.Answers.Prediction(study, model.Id, probability, at);
        db.Predictions.Add(prediction);
        var answered = await db.AllStudies.SingleAsync(s => s.Id == study, Cancellation);
        (answered.Status, answered.PredictionId, answered.Probability) = (StudyStatus.Ready, prediction.Id, probability);
        await db.SaveChangesAsync(Cancellation);
        return prediction.Id;
    }

    /// <summary>As the receiver does with a complete object, and files it.</summary>
    public async Task<ReceivedObject> ReceiveAsync(byte[] file)
    {
        Directory.CreateDirectory(Clinic.Folder.Data.Incoming);
        var path = Path.Combine(Clinic.Folder.Data.Incoming, "object");
        await File.WriteAllBytesAsync(path, file, Cancellation);
        var id = await Clinic.Get<ReceivedFiles>().TakeAsync(path, Sender, "127.0.0.1", Cancellation);
        await Clinic.Get<FileReceived>().RunAsync(id, Cancellation);
        return await GetAsync(id);
    }

    public async Task<ReceivedObject> GetAsync(Guid id)
    {
        await using var db = Clinic.Context();
        return await db.ReceivedObjects.SingleAsync(r => r.Id == id, Cancellation);
    }

    public bool HasFile(Guid id) => File.Exists(Clinic.Get<ReceivedFiles>().PathOf(id));

    /// <param name="files">Whether it files as well what it receives.</param>
    public async Task StartAsync(bool files = true)
    {
        foreach (var hosted in Clinic.Services.GetServices<IHostedService>()
            .Where(h => h is DicomReceiver || (files && h is InboxWorker)))
        {
            _running.Add(hosted);
            await hosted.StartAsync(Cancellation);
        }

        await WaitAsync(() => Task.FromResult(Clinic.Get<ReceiverState>() is { IsListening: true } or { Fault: not null }));
    }

    public async Task StopAsync()
    {
        foreach (var hosted in _running)
        {
            await hosted.StopAsync(CancellationToken.None);
        }

        _running.Clear();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await Clinic.DisposeAsync();
    }

    public static void NeedDcmtk() =>
        Assert.SkipUnless(Dcmtk.Find("storescp") is not null, "No dcmtk here: apt-get install dcmtk.");

    /// <summary>One of dcmtk's programs as a peer.</summary>
    public static async Task<(int Code, string Words)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(
            new ProcessStartInfo(Dcmtk.Find(program)!, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var words = process.StandardError.ReadToEndAsync(Cancellation);
        var output = await process.StandardOutput.ReadToEndAsync(Cancellation);
        await process.WaitForExitAsync(Cancellation);
        return (process.ExitCode, output + await words);
    }

    public Task<(int Code, string Words)> SendAsync(string calling, string called, params string[] files) => RunAsync(
        "storescu", ["-to", "20", "-td", "20", "-aet", calling, "-aec", called, "127.0.0.1", $"{Port}", .. files]);

    public async Task<int> CountAsync(ReceivedState state)
    {
        await using var db = Clinic.Context();
        return await db.ReceivedObjects.CountAsync(r => r.State == state, Cancellation);
    }

    public string Write(string name, byte[] file)
    {
        var path = Path.Combine(Clinic.Folder.Data.Root, name);
        File.WriteAllBytes(path, file);
        return path;
    }

    public static async Task WaitAsync(Func<Task<bool>> isSo, int minutes = 1)
    {
        for (var watch = Stopwatch.StartNew(); watch.Elapsed < TimeSpan.FromMinutes(minutes); await Task.Delay(20, CancellationToken.None))
        {
            if (await isSo())
            {
                return;
            }
        }

        throw new TimeoutException($"It did not come to pass within {minutes} min.");
    }
}
