using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Webhooks;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Webhooks;
using CovidCxr.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Tests.Webhooks;

/// <summary>One message after the other, to a receiver that is there, slow, broken, elsewhere or gone.</summary>
public sealed class SendWebhookTests : IAsyncLifetime
{
    readonly Receiver _receiver = new();
    readonly TestFolder _secrets = new();
    readonly TestClinic _clinic;

    public SendWebhookTests() => _clinic = new(settings: WebhookProgram.Settings(_secrets.Data.Root, _receiver.Address));

    static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    string SecretFile => _clinic.Get<IOptions<WebhookOptions>>().Value.Addresses[0].SecretFile;

    public async ValueTask InitializeAsync()
    {
        await _clinic.Get<QueueWebhooks>().PrepareAsync(Cancellation);
        await QueueAsync(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _clinic.DisposeAsync();
        _secrets.Dispose();
        _receiver.Dispose();
    }

    async Task QueueAsync(int number)
    {
        await _clinic.Get<AuditLog>().RecordAsync(
            TestClinic.Reader, AuditAction.ReadingRecord, AuditOutcome.Succeeded, TestClinic.Numbered(number), "Final");
        await _clinic.Get<QueueWebhooks>().RunAsync(Cancellation);
    }

    Task<WebhookTurn> SendAsync() =>
        _clinic.Get<SendWebhook>().RunAsync(_clinic.Get<IOptions<WebhookOptions>>().Value.Addresses[0], Cancellation);

    async Task<WebhookMessage> FirstAsync()
    {
        await using var db = _clinic.Context();
        return await db.WebhookMessages.OrderBy(m => m.Id).FirstAsync(Cancellation);
    }

    async Task<HealthStatus> HealthAsync() => (await _clinic.Get<HealthCheckService>().CheckHealthAsync(
        c => c.Name == "webhooks", Cancellation)).Status;

    [Fact]
    public async Task Message_ToAReceiverThatIsThere_IsSignedAndDelivered()
    {
        Assert.Equal(WebhookTurn.Delivered, await SendAsync());
        Assert.Equal(WebhookTurn.Nothing, await SendAsync());

        var received = Assert.Single(_receiver.Messages);
        var message = await FirstAsync();
        Assert.Equal(
            ($"msg_{message.Id:N}", $"{_clinic.Time.GetUtcNow().ToUnixTimeSeconds()}", "application/json"),
            (received.Id, received.Timestamp, received.ContentType));
        Assert.True(Receiver.IsGenuine(received), received.Signature);
        Assert.False(Receiver.IsGenuine(received with { Body = received.Body + " " }));
        Assert.Equal((WebhookState.Delivered, 1, null), (message.State, message.Attempts, message.Reason));
        Assert.Equal(
            $$$"""{"type":"study.read","timestamp":"2026-03-02T08:00:00.000Z","data":{"studyId":"{{{TestClinic.Numbered(1)}}}"}}""",
            received.Body);
    }

    [Fact]
    public async Task TwoSecrets_SignTwice_SoThatTheReceiverCanChange()
    {
        var next = "whsec_" + Convert.ToBase64String(Enumerable.Range(0, 32).Select(i => (byte)i).ToArray());
        await File.WriteAllLinesAsync(SecretFile, [next, Receiver.Secret], Cancellation);

        await SendAsync();

        var received = Assert.Single(_receiver.Messages);
        Assert.True(Receiver.IsGenuine(received, next));
        Assert.True(Receiver.IsGenuine(received));
        Assert.Equal(2, received.Signature.Split(' ').Length);
    }

    [Fact]
    public async Task ReceiverThatIsBroken_IsTriedForThreeDays_ThenAPersonIsAsked()
    {
        _receiver.Answer = r =>
        {
            r.StatusCode = 500;
            return Task.CompletedTask;
        };
        foreach (var wait in SendWebhook.Waits)
        {
            Assert.Equal(WebhookTurn.Failed, await SendAsync());
            var waiting = await FirstAsync();
            Assert.Equal(
                (WebhookState.Waiting, "It answered with status 500.", wait),
                (waiting.State, waiting.Reason, waiting.NotBefore - _clinic.Time.GetUtcNow()));
            Assert.Equal(WebhookTurn.Nothing, await SendAsync());
            _clinic.Time.Advance(wait);
        }

        Assert.Equal(HealthStatus.Healthy, await HealthAsync());
        await SendAsync();
        var failed = await FirstAsync();
        Assert.Equal((WebhookState.Failed, SendWebhook.Waits.Count + 1), (failed.State, failed.Attempts));
        Assert.Equal(HealthStatus.Degraded, await HealthAsync());
        Assert.True(SendWebhook.Waits.Aggregate((a, b) => a + b) > TimeSpan.FromDays(3));

        Assert.Null(await _clinic.Get<ControlWebhook>().RunAsync(failed.Id, WebhookAction.Retry, TestClinic.Admin, Cancellation));
        _receiver.Answer = _ => Task.CompletedTask;
        Assert.Equal(WebhookTurn.Delivered, await SendAsync());
        Assert.Equal(HealthStatus.Healthy, await HealthAsync());
        // The same message each time, signed anew.
        Assert.Single(_receiver.Messages.Select(m => (m.Id, m.Body)).Distinct());
        Assert.All(_receiver.Messages, m => Assert.True(Receiver.IsGenuine(m)));
        Assert.Equal([$"Retry: {failed.Id:N}"], (await _clinic.AuditAsync(AuditAction.WebhookControl)).Select(a => a.Detail));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task Redirection_IsNotFollowed(int status)
    {
        using var other = new Receiver();
        _receiver.Answer = r =>
        {
            (r.StatusCode, r.RedirectLocation) = (status, other.Address);
            return Task.CompletedTask;
        };

        Assert.Equal(WebhookTurn.Failed, await SendAsync());

        Assert.Contains("not followed", (await FirstAsync()).Reason, StringComparison.Ordinal);
        Assert.Empty(other.Messages);
    }

    [Fact]
    public async Task ReceiverThatIsSlowOrGone_IsSaidInPlainWords()
    {
        var send = _clinic.Get<SendWebhook>();
        send.AnswerTimeout = TimeSpan.FromMilliseconds(300);
        _receiver.Answer = _ => Task.Delay(TimeSpan.FromSeconds(5), Cancellation);
        Assert.Equal(WebhookTurn.Failed, await SendAsync());
        Assert.Equal("It did not answer in time.", (await FirstAsync()).Reason);

        _receiver.Dispose();
        _clinic.Time.Advance(SendWebhook.Waits[0]);
        Assert.Equal(WebhookTurn.Failed, await SendAsync());
        // Where it listens, and not what stands behind it in the address.
        Assert.Equal($"Nothing answers at {new Uri(_receiver.Address).Authority}.", (await FirstAsync()).Reason);
    }

    [Fact]
    public async Task SecretThatIsGone_SendsNothingUnsigned()
    {
        await File.WriteAllTextAsync(SecretFile, "password", Cancellation);

        Assert.Equal(WebhookTurn.Failed, await SendAsync());

        Assert.Empty(_receiver.Messages);
        Assert.Contains("secret", (await FirstAsync()).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddressThatIsStopped_IsToldLater()
    {
        var switches = _clinic.Get<SwitchWebhooks>();
        Assert.Null(await switches.RunAsync("RIS", isStopped: true, TestClinic.Admin, Cancellation));
        await QueueAsync(2);
        Assert.Equal(WebhookTurn.Nothing, await SendAsync());

        Assert.Null(await switches.RunAsync("RIS", isStopped: false, TestClinic.Admin, Cancellation));
        Assert.Equal(WebhookTurn.Delivered, await SendAsync());
        Assert.Equal(WebhookTurn.Delivered, await SendAsync());

        Assert.Equal(2, _receiver.Messages.Count);
        Assert.NotNull(await switches.RunAsync("nobody", isStopped: true, TestClinic.Admin, Cancellation));
        Assert.Equal(["Stop: RIS", "Start: RIS"], (await _clinic.AuditAsync(AuditAction.WebhookControl)).Select(a => a.Detail));
    }

    [Fact]
    public async Task Page_ShowsAddressesAndMessages_ToAdministratorsAlone()
    {
        await SendAsync();

        var page = await _clinic.Get<ListWebhooks>().RunAsync(new(), TestClinic.Admin, Cancellation);

        Assert.Equal(1, Assert.Single(page.Addresses).Counts[WebhookState.Delivered]);
        Assert.Equal((1, "study.read"), (page.Total, Assert.Single(page.Messages).Event));
        var id = page.Messages[0].Id;
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<ListWebhooks>().RunAsync(new(), TestClinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<ControlWebhook>().RunAsync(id, WebhookAction.Retry, TestClinic.Lead, Cancellation));
        await Assert.ThrowsAsync<AccessRefusedException>(
            () => _clinic.Get<SwitchWebhooks>().RunAsync("RIS", true, TestClinic.Lead, Cancellation));
        // What was delivered is neither sent again nor cancelled.
        Assert.NotNull(await _clinic.Get<ControlWebhook>().RunAsync(id, WebhookAction.Retry, TestClinic.Admin, Cancellation));
        Assert.NotNull(await _clinic.Get<ControlWebhook>().RunAsync(id, WebhookAction.Cancel, TestClinic.Admin, Cancellation));
    }

    [Fact]
    public async Task WhatWasSettledLongAgo_IsForgotten_ThoughItWasGivenUp_AndWhatWaitsIsNot()
    {
        await SendAsync();
        await QueueAsync(2);
        await using (var db = _clinic.Context())
        {
            var now = _clinic.Time.GetUtcNow();
            await db.WebhookMessages.Where(m => m.State == WebhookState.Waiting).ExecuteUpdateAsync(
                s => s.SetProperty(m => m.State, WebhookState.Failed).SetProperty(m => m.SettledAt, now), Cancellation);
        }

        await QueueAsync(3);
        _clinic.Time.Advance(TimeSpan.FromDays(31));
        await _clinic.Get<QueueWebhooks>().ForgetAsync(Cancellation);

        Assert.Equal(WebhookState.Waiting, (await FirstAsync()).State);
        Assert.Equal(1, await _clinic.CountAsync<WebhookMessage>());
    }
}
