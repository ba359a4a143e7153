using Microsoft.Extensions.Options;

namespace CovidCxr.Web.Shared.Security;

/// <summary>Limits on what one address or person may send.</summary>
public sealed class LimitOptions
{
    public const string Section = "Limits";

    /// <summary>Files of one person, 1 to 10000: a whole day's folder dropped at once passes, a script gone wrong does not.</summary>
    public int UploadsPerMinute { get; set; } = 240;

    /// <summary>Files of one person, 1 to 1000000: ten times what a large department takes in a day.</summary>
    public int UploadsPerDay { get; set; } = 5000;

    /// <summary>Archives of one administrator, 1 to 1000: each may fill gigabytes of the disk.</summary>
    public int ArchivesPerDay { get; set; } = 50;

    /// <summary>Attempts from one address, 1 to 1000: a department behind one address signs in at once at eight in the morning.</summary>
    public int SignInsPerMinute { get; set; } = 30;

    /// <summary>Requests of one API client, 1 to 100000: ten a second, and a program gone wrong does not take the readers' turn.</summary>
    public int ApiRequestsPerMinute { get; set; } = 600;
}

public sealed class LimitOptionsValidator : IValidateOptions<LimitOptions>
{
    public ValidateOptionsResult Validate(string? name, LimitOptions options)
    {
        List<string> errors = [];
        if (options.UploadsPerMinute is < 1 or > 10_000)
        {
            errors.Add("Limits:UploadsPerMinute must be 1 to 10000.");
        }

        if (options.UploadsPerDay is < 1 or > 1_000_000)
        {
            errors.Add("Limits:UploadsPerDay must be 1 to 1000000.");
        }

        if (options.ArchivesPerDay is < 1 or > 1000)
        {
            errors.Add("Limits:ArchivesPerDay must be 1 to 1000.");
        }

        if (options.SignInsPerMinute is < 1 or > 1000)
        {
            errors.Add("Limits:SignInsPerMinute must be 1 to 1000.");
        }

        if (options.ApiRequestsPerMinute is < 1 or > 100_000)
        {
            errors.Add("Limits:ApiRequestsPerMinute must be 1 to 100000.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
