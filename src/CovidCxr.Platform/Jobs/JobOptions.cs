using CovidCxr.Platform.Configuration;
using Microsoft.Extensions.Options;

namespace CovidCxr.Platform.Jobs;

/// <summary>How durable jobs are run.</summary>
public sealed class JobOptions
{
    public const string Section = "Jobs";

    /// <summary>How long a worker may be silent before its job is given to another; 5 seconds to 10 minutes.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often the table is looked at without being told; 0.1 to 60 seconds.</summary>
    public TimeSpan PollInterval { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Delay before the second attempt; it doubles with each, to five minutes at most. 0.1 to 60 seconds.</summary>
    public TimeSpan RetryDelay { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>After these the job has failed and its study says so; 1 to 20.</summary>
    public int MaxAttempts { get; set; } = 5;

    /// <summary>Jobs at once, so that scans gather into batches; 1 to 16.</summary>
    public int Workers { get; set; } = 2;
}

public sealed class JobOptionsValidator : IValidateOptions<JobOptions>
{
    public ValidateOptionsResult Validate(string? name, JobOptions options) => OptionRules.Result(
        (options.Lease >= TimeSpan.FromSeconds(5) && options.Lease <= TimeSpan.FromMinutes(10), "Jobs:Lease must be 00:00:05 to 00:10:00."),
        (IsBetween(options.PollInterval), "Jobs:PollInterval must be 00:00:00.1 to 00:01:00."),
        (IsBetween(options.RetryDelay), "Jobs:RetryDelay must be 00:00:00.1 to 00:01:00."),
        (options.MaxAttempts is >= 1 and <= 20, "Jobs:MaxAttempts must be 1 to 20."),
        (options.Workers is >= 1 and <= 16, "Jobs:Workers must be 1 to 16."));

    static bool IsBetween(TimeSpan value) => value >= TimeSpan.FromSeconds(0.1) && value <= TimeSpan.FromMinutes(1);
}
