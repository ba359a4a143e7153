using System.Globalization;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Delivery;
using CovidCxr.Imaging.Dicom;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>The whole way, with an archive that is Orthanc, and with one that is killed.</summary>
[Trait("Speed", "Slow")]
public sealed class DeliveryTests
{
    // In minutes: what a kill interrupted waits for its next turn.
    const int Patience = 10;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task FilmOfAModality_ReadInTheClinic_IsInOrthancWithPictureReportAndKeyObjects()
    {
        TestHospital.NeedDcmtk();
        Orthanc.Need();
        var port = FreePort.Find();
        await using var hospital = new TestHospital(
            [.. StoragePeer.Destination(port, Orthanc.Ae), ("Hospital:Destinations:0:KeyObjects", "true")]);
        await hospital.StartAsync();
        await using var orthanc = await Orthanc.StartAsync(hospital, port, hospital.Port);
        var worker = hospital.Clinic.Services.GetServices<IHostedService>().OfType<DeliveryWorker>().Single();
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        await worker.StartAsync(Cancellation);

        var film = hospital.Write("film", TestHospital.Film(7));
        Assert.Equal(0, (await hospital.SendAsync(TestHospital.Sender, TestHospital.Ae, film)).Code);
        await TestHospital.WaitAsync(async () => await hospital.CountAsync(ReceivedState.Filed) == 1);
        await using var db = hospital.Clinic.Context();
        var study = await db.Studies.SingleAsync(Cancellation);
        var shown = await TestHospital.PredictAsync(hospital.Clinic.Context, study.Id, 0.9, hospital.Clinic.Time.GetUtcNow());
        await hospital.Clinic.ReadAsync(study.Id, ReadingStage.Blind);
        await TestHospital.WaitAsync(async () => await DeliveredAsync(hospital) == 3);
        await hospital.Clinic.ReadAsync(study.Id, ReadingStage.Final, shown: shown, opinion: Opinion.Normal);
        await TestHospital.WaitAsync(async () => await DeliveredAsync(hospital) == 5);
        // The reader rejects it: nothing of it is to be attached.
        await TestHospital.WaitAsync(() => db.OutgoingResults.AnyAsync(r => r.State == DeliveryState.Cancelled));
        await worker.StopAsync(Cancellation);

        var instances = await orthanc.InstancesAsync();
        Assert.Equal(5, instances.Length);
        List<string> series = [];
        foreach (var instance in instances)
        {
            var tags = await orthanc.TagsAsync(instance);
            Assert.Equal(
                (TestHospital.Patient, "A7", "1.2.826.0.1.3680043.10.999.1.7"),
                ($"{tags["PatientID"]}", $"{tags["AccessionNumber"]}", $"{tags["StudyInstanceUID"]}"));
            series.Add($"{tags["Modality"]} {tags["SeriesNumber"]} {tags["SeriesDescription"]}");
        }

        Assert.Equal(
            [
                "KO 95001 AI: COVID-19 0.90 (>= 0.47), not read yet",
                "OT 90002 AI: COVID-19 0.90 (>= 0.47), not read yet", "OT 90004 AI: COVID-19 0.90 (>= 0.47), reader rejected",
                "SR 90003 AI: COVID-19 0.90 (>= 0.47), not read yet", "SR 90005 AI: COVID-19 0.90 (>= 0.47), reader rejected",
            ],
            series.Order(StringComparer.Ordinal));
    }

    /// <summary>A clock whose minutes are short.</summary>
    sealed class HurriedTime : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(callback, state, dueTime / 600, period);
    }

    /// <summary>A policy is changed without a word about any study.</summary>
    [Fact]
    public async Task AnswerReleasedWithoutAChangeOfItsStudy_IsQueuedWithinTheMinute()
    {
        await using var hospital = new TestHospital(StoragePeer.Destination(FreePort.Find()));
        var services = hospital.Clinic.Services;
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        await hospital.AnswerAsync(1);
        using var worker = ActivatorUtilities.CreateInstance<DeliveryWorker>(services, new HurriedTime());
        await worker.StartAsync(Cancellation);
        // Its first look finds the film held back.
        await using var db = hospital.Clinic.Context();
        await TestHospital.WaitAsync(() => db.ResultDestinations.AnyAsync(Cancellation));
        Assert.False(await db.OutgoingResults.AnyAsync(Cancellation));

        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);

        await TestHospital.WaitAsync(async () => await db.OutgoingResults.CountAsync(Cancellation) == 2);
        await worker.StopAsync(Cancellation);
    }

    static async Task<int> DeliveredAsync(TestHospital hospital)
    {
        await using var db = hospital.Clinic.Context();
        return await db.OutgoingResults.CountAsync(r => r.State == DeliveryState.Delivered, Cancellation);
    }

    /// <summary>
    /// The archive and the program are killed in turn, amid deliveries. What counts as delivered is there, all of it comes, and nothing
    /// has two UIDs.
    /// </summary>
    [Fact]
    public async Task ArchiveAndProgramKilledAmidDeliveries_LoseNoneAndDoubleNone()
    {
        TestHospital.NeedDcmtk();
        var kills = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_KILLS") ?? "10", CultureInfo.InvariantCulture);
        var studies = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_DELIVERIES") ?? "200", CultureInfo.InvariantCulture) / 2;
        using var archive = new TestFolder();
        using var peer = new StoragePeer(archive.Data.Root);
        await using var hospital = new TestHospital(StoragePeer.Destination(peer.Port));
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        for (var i = 1; i <= studies; i++)
        {
            await hospital.AnswerAsync(i);
        }

        var folder = hospital.Clinic.Folder.Data.Root;
        var settings = StoragePeer.Destination(peer.Port);
        var (random, seen) = (new Random(5), new HashSet<string>());
        await peer.StartAsync();
        var worker = await SendingWorker.StartAsync(folder, settings);
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                // At an even pace over the deliveries, and a moment into one of them.
                await TestHospital.WaitAsync(async () => await DeliveredAsync(hospital) >= 2 * studies * (kill - 1) / kills, Patience);
                await Task.Delay(random.Next(20, 400), Cancellation);
                if (kill % 2 == 0)
                {
                    await worker.KillAsync();
                    worker.Dispose();
                    await AssertAllThereAsync(hospital, peer, seen);
                    worker = await SendingWorker.StartAsync(folder, settings);
                }
                else
                {
                    await peer.KillAsync();
                    await AssertAllThereAsync(hospital, peer, seen);
                    await peer.StartAsync();
                }
            }

            await TestHospital.WaitAsync(async () => await DeliveredAsync(hospital) == 2 * studies, Patience);
        }
        finally
        {
            worker.Dispose();
        }

        await using var db = hospital.Clinic.Context();
        var sent = await db.OutgoingResults.ToListAsync(Cancellation);
        Assert.Equal((2 * studies, 2 * studies), (sent.Count, sent.Select(r => r.InstanceUid).Distinct().Count()));
        Assert.Equal(sent.Select(r => r.InstanceUid).Order(), peer.Uids.Order());
        await AssertAllThereAsync(hospital, peer, []);
        TestContext.Current.TestOutputHelper!.WriteLine($"{sent.Count} deliveries, {kills} kills, {sent.Sum(r => r.Attempts)} attempts");
    }

    /// <summary>Whole, whatever is delivered.</summary>
    /// <param name="seen">The files that were whole before; the others are read, and added.</param>
    static async Task AssertAllThereAsync(TestHospital hospital, StoragePeer peer, HashSet<string> seen)
    {
        await using var db = hospital.Clinic.Context();
        var delivered = await db.OutgoingResults.Where(r => r.State == DeliveryState.Delivered).Select(r => r.InstanceUid)
            .ToListAsync(Cancellation);
        Assert.Empty(delivered.Except(peer.Uids));
        foreach (var file in peer.Files.IntersectBy(delivered, f => Path.GetFileName(f).Split('.', 2)[1]).Where(seen.Add))
        {
            Assert.Equal(
                Path.GetFileName(file).Split('.', 2)[1],
                DicomObject.Read(await File.ReadAllBytesAsync(file, Cancellation), 1 << 26)?.Header.InstanceUid);
        }
    }
}
