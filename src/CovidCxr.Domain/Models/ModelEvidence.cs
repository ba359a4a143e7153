using System.Security.Cryptography;
using System.Text;

namespace CovidCxr.Domain.Models;

/// <summary>What stands behind a version, as one hash: its file, every result of the gate, and the plan that it was trained by.</summary>
public static class ModelEvidence
{
    /// <param name="plan">What is to be signed of the plan; null where there is none.</param>
    /// <returns>Lower-case hexadecimal SHA-256; a byte changed anywhere, a result added or one missing gives another.</returns>
    public static string Hash(ModelVersion version, IEnumerable<GateResult> results, string? plan = null)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(version.Sha256);
        Append(version.HeaderJson);
        foreach (var result in results.OrderBy(r => r.Id))
        {
            Append(result.Id.ToString());
            Append(result.Evidence);
        }

        if (plan is not null)
        {
            Append(plan);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());

        // With its length before it, so that no two lists of texts are one.
        void Append(string text)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            hash.AppendData(BitConverter.GetBytes(bytes.LongLength));
            hash.AppendData(bytes);
        }
    }
}
