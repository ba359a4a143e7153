using CovidCxr.Domain.Accounts;
using CovidCxr.Domain.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Gate;
using CovidCxr.Storage;
using Microsoft.EntityFrameworkCore;

namespace CovidCxr.Laboratory.Models;

/// <summary>
/// A version as the list and the card show it: its row, its header and its history. Of these a report's EvaluatedModel names some.
/// </summary>
/// <param name="DataSet">What it was trained on; null where it was not trained here.</param>
/// <param name="Figures">As measured when it was trained: those of the report of its run, with intervals by patient.</param>
public sealed record ModelView(
    Guid Id, int Number, string Name, string Architecture, string Sha256, DateTimeOffset RegisteredAt, bool IsActive,
    DateTimeOffset? ActivatedAt, IReadOnlyList<string> Classes, string PositiveClass, double Threshold, string InputSize, string? DataSet,
    string? GroupedBy, IReadOnlyList<PartCount> Parts, int? Epochs, int? BestEpoch, long? Seed, string? Configuration, string? ManifestHash,
    DateTimeOffset? TrainedAt, TimeSpan? TrainedFor, string? Machine, IReadOnlyList<string> Remarks, IReadOnlyList<MeasuredFigure> Figures,
    ModelCard Card, IReadOnlyDictionary<string, string> Versions)
{
    /// <summary>Who started the run that it came of; null where it was not trained here.</summary>
    public string? TrainedBy { get; init; }

    /// <summary>Null where the program did it: the starter model, or a run's.</summary>
    public string? RegisteredBy { get; init; }

    /// <summary>Who activated it last; null where nobody did, or only the program at its start.</summary>
    public string? PromotedBy { get; init; }

    public DateTimeOffset? PromotedAt { get; init; }

    public ModelState State { get; init; }

    /// <summary>What the gate says of it; empty where it has not judged.</summary>
    public IReadOnlyList<GateReport> Gate { get; init; } = [];

    /// <summary>Why its answers are not to be relied on as they stand; the card alone has them.</summary>
    public ModelWarnings Warnings { get; init; } = ModelWarnings.None;

    /// <summary>How it was accepted on this department's own studies; null where it is not.</summary>
    public LocalAcceptance? AcceptedHere { get; init; }

    /// <summary>How well its severity agrees with radiologists, in words; empty where it says none.</summary>
    public IReadOnlyList<string> SeverityFigures { get; init; } = [];
}

/// <summary>
/// Every registered version, the newest first. Who only reads sees none before it was active: a candidate may stand in the shadow, and
/// nothing of that reaches a reader.
/// </summary>
public sealed class ListModels(IDbContextFactory<CovidCxrDbContext> contexts)
{
    /// <param name="actor">Null for the program and other programs, which see them all.</param>
    public async Task<IReadOnlyList<ModelView>> RunAsync(Actor? actor, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        var versions = await db.ModelVersions.AsNoTracking().OrderByDescending(m => m.Number).ToListAsync(cancellation);
        versions.RemoveAll(v => !MaySee(actor, v));
        var history = await ModelHistory.ReadAsync(db, cancellation);
        var gates = (await db.GateResults.AsNoTracking().OrderByDescending(g => g.Id).ToListAsync(cancellation))
            .ToLookup(g => g.ModelVersionId);
        var accepted = (await db.LocalAcceptances.AsNoTracking().OrderBy(a => a.Id).ToListAsync(cancellation))
            .ToLookup(a => a.ModelVersionId);
        return [.. versions.Select(v => history.View(v) with
        {
            Gate = [.. gates[v.Id].Select(g => Acceptance.TryRead(g, v)).OfType<GateReport>()],
            AcceptedHere = LocalAcceptance.InForce(accepted[v.Id].LastOrDefault(), v.Sha256),
        })];
    }

    internal static bool MaySee(Actor? actor, ModelVersion version) =>
        version.State != ModelState.Candidate || actor is null || actor.Is(Role.DepartmentLead) || actor.Is(Role.Admin);

    internal static ModelView View(ModelVersion version)
    {
        var header = ModelHeader.FromJson(version.HeaderJson);
        var training = header.Training;
        return new(
            version.Id, version.Number, version.Name, version.Architecture, version.Sha256, version.RegisteredAt, version.IsActive,
            version.ActivatedAt, header.Classes, header.Classes[header.PositiveClass], header.Threshold,
            $"{header.Preset.Width} x {header.Preset.Height}", training?.DataSet, training?.GroupedBy, training?.Counts ?? [],
            training?.Epochs, training?.BestEpoch, training?.Seed, training?.Configuration, training?.ManifestHash, training?.FinishedAt,
            training?.FinishedAt - training?.StartedAt, training?.Machine, training?.Remarks ?? [], header.Metrics, header.Card,
            header.Versions)
        {
            State = version.State,
            SeverityFigures = header.Severity?.Figures ?? [],
        };
    }
}

/// <summary>One version's card. Null where there is none with this id, or the person may not see it yet.</summary>
public sealed class GetModelCard(IDbContextFactory<CovidCxrDbContext> contexts)
{
    public async Task<ModelView?> RunAsync(Guid versionId, Actor actor, CancellationToken cancellation)
    {
        await using var db = await contexts.CreateDbContextAsync(cancellation);
        if (await db.ModelVersions.AsNoTracking().SingleOrDefaultAsync(m => m.Id == versionId, cancellation) is not { } version
            || !ListModels.MaySee(actor, version))
        {
            return null;
        }

        var results = await db.GateResults.Where(g => g.ModelVersionId == versionId).OrderByDescending(g => g.Id)
            .Select(g => g.Evidence).ToListAsync(cancellation);
        return (await ModelHistory.ReadAsync(db, cancellation)).View(version) with
        {
            Warnings = ModelWarnings.Of(version.HeaderJson, version.Sha256, results),
        };
    }
}
