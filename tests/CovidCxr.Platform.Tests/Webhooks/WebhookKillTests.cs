using System.Globalization;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Webhooks;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Platform.Tests.Webhooks;

/// <summary>A program that tells of events, killed with SIGKILL while it does. COVIDCXR_KILLS=50 kills it more often.</summary>
[Trait("Speed", "Slow")]
public sealed class WebhookKillTests(ITestOutputHelper output)
{
    const int Events = 120;

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Program_KilledWhileItTells_LosesNothing_AndSaysItUnderOneId()
    {
        var kills = int.Parse(Environment.GetEnvironmentVariable("COVIDCXR_KILLS") ?? "4", CultureInfo.InvariantCulture);
        using var receiver = new Receiver();
        var random = new Random(20261130);
        // Every third is slow, and every seventh answer is an error.
        var answered = 0;
        receiver.Answer = async response =>
        {
            var number = Interlocked.Increment(ref answered);
            await Task.Delay(number % 3 == 0 ? 60 : 5, CancellationToken.None);
            response.StatusCode = number % 7 == 0 ? 503 : 200;
        };
        await using var clinic = new TestClinic(isReal: true);
        var folder = clinic.Folder.Data.Root;
        await using (var services = TestClinic.Build(
            folder, TimeProvider.System, settings: WebhookProgram.Settings(folder, receiver.Address)))
        {
            await ((QueueWebhooks)services.GetService(typeof(QueueWebhooks))!).PrepareAsync(Cancellation);
        }

        for (var kill = 0; kill < kills; kill++)
        {
            using var program = WebhookProgram.Start(folder, receiver.Address);
            await program.SaysAsync("tells", Cancellation);
            await WriteAsync(clinic, Events * kill / kills, Events * (kill + 1) / kills);
            await Task.Delay(random.Next(300, 2500), Cancellation);
            await program.KillAsync();
            await DueAsync(clinic);
        }

        using (WebhookProgram.Start(folder, receiver.Address))
        {
            await EndedAsync(clinic);
        }

        var messages = receiver.Messages.ToList();
        Assert.All(messages, m => Assert.True(Receiver.IsGenuine(m)));
        // Each study's event under one id, and with one body, however often it came.
        var told = messages.GroupBy(m => m.Body).ToList();
        Assert.Equal(Events, told.Count);
        Assert.All(told, t => Assert.Single(t.Select(m => m.Id).Distinct()));
        await using var db = clinic.Context();
        Assert.Equal(Events, await db.WebhookMessages.CountAsync(Cancellation));
        Assert.Equal(Events, await db.WebhookMessages.CountAsync(m => m.State == WebhookState.Delivered, Cancellation));
        output.WriteLine($"{Events} events, {kills} kills, {messages.Count} messages");
    }

    static async Task WriteAsync(TestClinic clinic, int from, int to)
    {
        for (var i = from; i < to; i++)
        {
            await clinic.Get<AuditLog>().RecordAsync(
                TestClinic.Reader, AuditAction.ReadingRecord, AuditOutcome.Succeeded, TestClinic.Numbered(i), "Final");
        }
    }

    /// <summary>As if the time had passed that a claim or a failure puts a message off.</summary>
    static async Task DueAsync(TestClinic clinic)
    {
        await using var db = clinic.Context();
        var now = TimeProvider.System.GetUtcNow();
        await db.WebhookMessages.Where(m => m.State == WebhookState.Waiting)
            .ExecuteUpdateAsync(s => s.SetProperty(m => m.NotBefore, now), Cancellation);
    }

    static async Task EndedAsync(TestClinic clinic)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        late.CancelAfter(TimeSpan.FromMinutes(3));
        await using var db = clinic.Context();
        while (await db.WebhookMessages.CountAsync(m => m.State == WebhookState.Delivered, late.Token) < Events)
        {
            await Task.Delay(200, late.Token);
            await DueAsync(clinic);
        }
    }
}
