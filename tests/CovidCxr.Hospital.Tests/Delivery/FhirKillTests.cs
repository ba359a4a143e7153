using System.Globalization;
using CovidCxr.Domain.Hospital;
using CovidCxr.Domain.Readings;
using CovidCxr.Hospital.Delivery;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Hospital.Tests.Delivery;

/// <summary>The program is killed amid deliveries to a FHIR server that loses answers besides.</summary>
[Trait("Speed", "Slow")]
public sealed class FhirKillTests
{
    // In minutes: what a kill interrupted waits for its next turn.
    const int Patience = 10;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ProgramKilledAmidDeliveries_LosesNoneAndDoublesNone()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_KILLS") ?? "10", CultureInfo.InvariantCulture);
        var studies = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_DELIVERIES") ?? "200", CultureInfo.InvariantCulture);
        await using var peer = await FhirPeer.StartAsync();
        await using var hospital = new TestHospital(peer.Destination());
        await hospital.Clinic.SetPolicyAsync(ReadingPolicy.Concurrent);
        await hospital.Clinic.Get<QueueResults>().PrepareAsync(Cancellation);
        for (var i = 1; i <= studies; i++)
        {
            await hospital.AnswerAsync(i);
        }

        var (random, lost) = (new Random(5), 0);
        peer.Instead = async context =>
        {
            // A transaction takes a while, so that a kill finds it under way. Every 25th answer gets lost.
            if (context.Request.Method != "POST")
            {
                return false;
            }

            var number = peer.Requests.Count;
            if (number % 3 == 0)
            {
                await Task.Delay(20, Cancellation);
            }

            var answer = await peer.ServeAsync(context.Request);
            if (number % 25 == 0)
            {
                Interlocked.Increment(ref lost);
                context.Abort();
                return true;
            }

            await Task.Delay(20, Cancellation);
            await FhirPeer.WriteAsync(context, answer);
            return true;
        };
        var folder = hospital.Clinic.Folder.Data.Root;
        var worker = await SendingWorker.StartAsync(folder, peer.Destination());
        try
        {
            for (var kill = 1; kill <= kills; kill++)
            {
                await TestHospital.WaitAsync(async () => (await DeliveredAsync(hospital)).Count >= studies * (kill - 1) / kills, Patience);
                await Task.Delay(random.Next(20, 400), Cancellation);
                await worker.KillAsync();
                worker.Dispose();
                Assert.Empty((await DeliveredAsync(hospital)).Except(peer.Reports));
                worker = await SendingWorker.StartAsync(folder, peer.Destination());
            }

            await TestHospital.WaitAsync(async () => (await DeliveredAsync(hospital)).Count == studies, Patience);
        }
        finally
        {
            worker.Dispose();
        }

        await using var db = hospital.Clinic.Context();
        var sent = await db.OutgoingResults.ToListAsync(Cancellation);
        Assert.Equal(studies, sent.Count);
        Assert.Equal(sent.Select(r => r.InstanceUid).Order(), peer.Reports.Order());
        Assert.Equal(
            [1, studies, studies, studies],
            new[] { "Device", "ImagingStudy", "Observation", "Provenance" }.Select(t => peer.All(t).Count));
        var posts = peer.Requests.Count(r => r.Method == "POST");
        // Otherwise nothing was ever in danger.
        Assert.True(posts > studies, $"{posts} transactions");
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{sent.Count} reports, {kills} kills, {lost} lost answers, {posts} transactions");
    }

    static async Task<List<string>> DeliveredAsync(TestHospital hospital)
    {
        await using var db = hospital.Clinic.Context();
        return await db.OutgoingResults.Where(r => r.State == DeliveryState.Delivered).Select(r => r.InstanceUid).ToListAsync(Cancellation);
    }
}
