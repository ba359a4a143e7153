using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Audit;
using CovidCxr.Domain.Models;
using CovidCxr.Engine.Serving;
using CovidCxr.Platform.Audit;
using CovidCxr.Platform.Jobs;
using CovidCxr.Platform.Nodes;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace CovidCxr.Laboratory.Models;

/// <param name="Problem">What was wrong with the version that was active, in words; null where nothing was.</param>
/// <param name="Outcome">What was done about it; null where nothing was to be done.</param>
/// <param name="Answered">Films that it answered since it was last known to be right.</param>
public sealed record GoldenCheck(DateTimeOffset At, string? Problem, string? Outcome, int Answered);

/// <summary>
/// Asks the active model for films whose answers are known, by the way that every film goes. One that answers otherwise is loaded anew;
/// where that does not help the version accepted before it answers, and where there is none, nobody does: films wait.
/// </summary>
public sealed class CheckGoldenFilms(
    IDbContextFactory<CovidCxrDbContext> contexts, ModelHost host, IServiceScopeFactory scopes, ActivateModel activate,
    RollBackModel rollBack, PinGoldenFilms pins, ThisNode node, AuditLog audit, TimeProvider time, ILogger<CheckGoldenFilms> logger)
    : IDisposable
{
    readonly SemaphoreSlim _turn = new(1);
    readonly HashSet<Guid> _toldOf = [];

    /// <summary>The last check of this process; null before the first.</summary>
    public GoldenCheck? Last { get; private set; }

    /// <summary>The last one that found something wrong; null where none has.</summary>
    public GoldenCheck? LastProblem { get; private set; }

    /// <param name="actor">Null for the program itself.</param>
    /// <returns>Null where no version is active, this program answers no films, too many wait, or somebody was just changing it.</returns>
    public async Task<GoldenCheck?> RunAsync(Actor? actor, CancellationToken cancellation)
    {
        actor?.Demand(Role.Admin);
        await _turn.WaitAsync(cancellation);
        try
        {
            if (!node.Is(NodeRoles.Worker) || await ActiveAsync(cancellation) is not { } version
                || (node.MayHaveOthers && host.Current?.Sha256 is { } served && served != version.Sha256))
            {
                // None that would answer here, or one that another program has just put to work and this one loads in a moment.
                return null;
            }

            string? problem, change;
            try
            {
                problem = await ProblemAsync(version, cancellation);
                change = problem is null ? await ChangeAsync(version, cancellation) : null;
            }
            catch (ModelBusyException)
            {
                // Films of patients come first, and the next hour asks again.
                return null;
            }

            if (change is not null)
            {
                return Last = LastProblem = await TellChangeAsync(version, change);
            }

            if (problem is null)
            {
                return Last = new(time.GetUtcNow(), null, null, 0);
            }

            // Somebody may have activated another one while the films were answered: then it is no problem of this one.
            return (await ActiveAsync(cancellation))?.Id == version.Id ? Last = LastProblem = await MendAsync(version, problem) : null;
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    async Task<ModelVersion?> ActiveAsync(CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        return await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.IsActive, cancellation);
    }

    async Task<string?> ProblemAsync(ModelVersion version, CancellationToken cancellation)
    {
        if (host.Current?.Sha256 is not { } served)
        {
            return "it is not loaded";
        }

        if (served != version.Sha256)
        {
            return "another file answers in its place";
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var program = pins.Program;
        if (await db.GoldenAnswers.AsNoTracking().SingleOrDefaultAsync(
            g => g.ModelVersionId == version.Id && g.Program == program, cancellation) is not { } pinned)
        {
            return "its answers to the golden films are not known";
        }

        try
        {
            // Of one model, and given back before another is loaded in its place.
            await using var scope = scopes.CreateAsyncScope();
            var serving = scope.ServiceProvider.GetRequiredService<InferenceService>();
            List<IReadOnlyList<float>> answers = [];
            foreach (var film in GoldenFilms.All)
            {
                answers.Add((await serving.RunAsync(film, InferencePriority.Batch, cancellation)).Probabilities);
            }

            var difference = GoldenFilms.Difference(GoldenFilms.Read(pinned), answers);
            return difference <= GoldenFilms.Rounding ? null
                : double.IsFinite(difference) ? FormattableString.Invariant($"a probability differs by {difference:F3}")
                : "its answers are no numbers, or of another kind";
        }
        catch (Exception e) when (e is not OperationCanceledException and not ModelBusyException)
        {
            return $"it cannot answer ({e.GetType().Name})";
        }
    }

    // What another version of the program answered otherwise became what it has to give: once in a process somebody is told.
    async Task<string?> ChangeAsync(ModelVersion version, CancellationToken cancellation)
    {
        if (_toldOf.Contains(version.Id))
        {
            return null;
        }

        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var program = pins.Program;
        return await db.GoldenAnswers.Where(g => g.ModelVersionId == version.Id && g.Program == program).Select(g => g.Difference)
            .SingleOrDefaultAsync(cancellation) is { } difference and > GoldenFilms.Change
            ? FormattableString.Invariant($"since the program changed a probability differs by {difference:F3} from what it was before")
            : null;
    }

    async Task<GoldenCheck> TellChangeAsync(ModelVersion version, string change)
    {
        const string Outcome = "it answers on: which of the two programs is right, people have to find out";
        _toldOf.Add(version.Id);
        var answered = await AnsweredAsync(version, CancellationToken.None);
        await RecordAsync(version, change, Outcome, answered);
        return new(time.GetUtcNow(), change, Outcome, answered);
    }

    async Task RecordAsync(ModelVersion version, string problem, string outcome, int answered)
    {
        var name = ModelHistory.NameOf(version.Number);
        logger.LogError(
            "On the golden films {Version} failed: {Problem}. {Outcome}. Since it was last right it has answered {Films} films.",
            name, problem, outcome, answered);
        await audit.RecordAsync(
            null, AuditAction.GoldenFilms, AuditOutcome.Failed,
            detail: $"{name}, {problem}; {outcome}; {answered} films since it was right");
    }

    // What was begun is ended, whoever leaves.
    async Task<GoldenCheck> MendAsync(ModelVersion version, string problem)
    {
        var none = CancellationToken.None;
        var name = ModelHistory.NameOf(version.Number);
        var answered = await AnsweredAsync(version, none);
        // It serves again only where its answers to the golden films are right.
        var outcome = await activate.RunAsync(version.Id, version.Id, actor: null, none) is null
            ? $"{name} was loaded anew and is right again"
            : await FallBackAsync(version, none);
        await RecordAsync(version, problem, outcome, answered);
        return new(time.GetUtcNow(), problem, outcome, answered);
    }

    // A version that is not right itself is not taken, and then nothing is withdrawn: what fails them all is no fault of a version.
    async Task<string> FallBackAsync(ModelVersion failed, CancellationToken cancellation)
    {
        // Where several programs answer it may be this machine that is not right, and the others go on.
        if (!node.MayHaveOthers && await rollBack.FindAsync(cancellation) is { } target
            && await activate.ReturnAsync(target.Id, failed.Id, actor: null, cancellation) is null)
        {
            return $"{ModelHistory.NameOf(target.Number)}, accepted before it, answers now";
        }

        return await activate.UnloadAsync(failed.Id, cancellation)
            ? node.MayHaveOthers ? $"none answers on {node.Name} any more; what is active stays so on the others"
                : "no accepted version is left that is right: none answers, and films wait"
            : "another version was promoted meanwhile";
    }

    async Task<int> AnsweredAsync(ModelVersion version, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var since = Last is { Problem: null } good ? good.At : version.ActivatedAt;
        return await db.Predictions.CountAsync(p => p.ModelVersionId == version.Id && p.CreatedAt >= since, cancellation);
    }
}

/// <summary>Asks every hour, and a minute after the start.</summary>
public sealed class GoldenFilmsWatch(CheckGoldenFilms check, TimeProvider time, ILogger<GoldenFilmsWatch> logger)
    : HourlyWork("The check on golden films", turns: null, time, logger)
{
    protected override Task RunAsync(CancellationToken cancellation) => check.RunAsync(actor: null, cancellation);
}

/// <summary>Whether the model that answers was right within the last day, whenever it was asked.</summary>
sealed class GoldenFilmsHealth(CheckGoldenFilms check, TimeProvider time) : IHealthCheck
{
    static readonly TimeSpan Shown = TimeSpan.FromDays(1);

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(check.LastProblem is { } problem && time.GetUtcNow() - problem.At < Shown
            ? HealthCheckResult.Degraded($"failed on the golden films: {problem.Problem}; {problem.Outcome}")
            : HealthCheckResult.Healthy());
}
