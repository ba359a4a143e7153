using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace CovidCxr.Domain.Models;

/// <summary>
/// Somebody accepted a version for this department, as it was measured on the department's own studies, or took that back. Rows are only
/// ever added: the newest of a version holds.
/// </summary>
public sealed class LocalAcceptance
{
    public const int MinReason = 3, MaxReason = 500;

    /// <summary>Grows: the newest has the largest.</summary>
    public long Id { get; init; }

    public Guid ModelVersionId { get; init; }

    /// <summary>Whether it takes back what was accepted before; then the threshold is the shipped one again.</summary>
    public bool IsWithdrawal { get; init; }

    /// <summary>At or above it new predictions of the version are positive here, 0..1.</summary>
    public double Threshold { get; init; }

    /// <summary>What was measured, as JSON: what the person signs is a hash of it, so not a byte of it may change.</summary>
    public required string Evidence { get; init; }

    /// <summary>As <see cref="HashOf"/> gave it to the person who signed.</summary>
    public required string EvidenceHash { get; init; }

    public required string Reason { get; init; }

    public Guid AcceptedBy { get; init; }

    public required string AcceptedByName { get; init; }

    public DateTimeOffset AcceptedAt { get; init; }

    /// <param name="sha256">Of the model file.</param>
    /// <returns>Lower-case hexadecimal SHA-256; another file, threshold or figure gives another.</returns>
    public static string HashOf(string sha256, double threshold, string evidence) => Convert.ToHexStringLower(SHA256.HashData(
        Encoding.UTF8.GetBytes($"{sha256}\n{threshold.ToString("R", CultureInfo.InvariantCulture)}\n{evidence}")));

    /// <summary>The acceptance that holds; null where there is none, or where somebody changed it.</summary>
    /// <param name="newest">Of the version; null where there is none.</param>
    /// <param name="sha256">Of the version's file.</param>
    public static LocalAcceptance? InForce(LocalAcceptance? newest, string sha256) =>
        newest is { IsWithdrawal: false } && newest.EvidenceHash == HashOf(sha256, newest.Threshold, newest.Evidence) ? newest : null;

    /// <summary>Why these are no words for a reason; null where they are.</summary>
    public static string? ReasonRefusal(string? reason) =>
        (reason?.Trim() ?? "") is var words && (words.Length is < MinReason or > MaxReason || words.Any(char.IsControl))
            ? $"Say why in {MinReason} to {MaxReason} characters, on one line."
            : null;
}
