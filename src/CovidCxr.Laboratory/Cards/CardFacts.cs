using CovidCxr.Domain.DataSets;
using CovidCxr.Domain.Models;
using CovidCxr.Laboratory.Models;
using CovidCxr.Learning.Checkpoints;
using CovidCxr.Learning.Data;
using CovidCxr.Learning.Evaluation;
using CovidCxr.Learning.Training;

namespace CovidCxr.Laboratory.Cards;

/// <summary>Everything that is recorded of a version; what is null or empty is not.</summary>
sealed record CardFacts(ModelHeader Header, string Sha256)
{
    /// <summary>What it was trained by, as the file says.</summary>
    public TrainingConfiguration? Configuration { get; init; } = ConfigurationOf(Header);

    /// <summary>Of the run here that it came of.</summary>
    public int? RunNumber { get; init; }

    public DateTimeOffset? RunCreatedAt { get; init; }

    /// <summary>The data set version that the run trained on.</summary>
    public DataSetVersion? DataSet { get; init; }

    /// <summary>Its images.</summary>
    public ImageManifest? Manifest { get; init; }

    /// <summary>Of that run.</summary>
    public EvaluationReport? Evaluation { get; init; }

    /// <summary>What the gate found, and who signed.</summary>
    public Acceptance? Acceptance { get; init; }

    public LocalAcceptance? AcceptedHere { get; init; }

    /// <summary>Which weights it started from and those from which, in words, the nearest first.</summary>
    public IReadOnlyList<string> Ancestors { get; init; } = [];

    static TrainingConfiguration? ConfigurationOf(ModelHeader header)
    {
        try
        {
            return header.Training is { } training ? TrainingConfiguration.FromJson(training.Configuration) : null;
        }
        catch (TrainingException)
        {
            // Another program's, or a newer one's: nothing is recorded that can be read.
            return null;
        }
    }
}
