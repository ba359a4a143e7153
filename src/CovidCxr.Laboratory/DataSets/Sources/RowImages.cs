namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>
/// Finds the image that each row of a table names: by the end of its path, as far as it agrees. The bare name decides only where one image is called
/// so (a mask beside it does not count), and an image that rows of different paths claim alike belongs to none of them.
/// </summary>
sealed class RowImages
{
    readonly Dictionary<string, Named> byEnd = new(StringComparer.OrdinalIgnoreCase);
    readonly Dictionary<string, Claim> claims = new(StringComparer.Ordinal);

    /// <param name="cells">What the rows say of their files, in any order.</param>
    public RowImages(IEnumerable<SourceFile> images, IEnumerable<string> cells)
    {
        foreach (var image in images)
        {
            var named = new Named(image, IsMask(image), 1);
            foreach (var end in Ends(image.Path))
            {
                byEnd[end] = byEnd.TryGetValue(end, out var known) ? known.With(named) : named;
            }
        }

        foreach (var cell in cells)
        {
            if (Look(cell) is { Image: { } image } found)
            {
                claims[image.Path] = claims.TryGetValue(image.Path, out var known) ? known.With(found) : new(found.Path, found.Length, IsContested: false);
            }
        }
    }

    /// <returns>The image; null where there is none, or where the row could mean several, or is not alone in meaning this one.</returns>
    public SourceFile? Find(string cell, out bool isAmbiguous)
    {
        var found = Look(cell);
        var claim = found.Image is { } image ? claims[image.Path] : null;
        // Another row agrees longer: the image is that one's, and this row's is not there.
        var isAnothers = claim?.Length > found.Length;
        isAmbiguous = found.IsAmbiguous || (claim is { IsContested: true } && !isAnothers);
        return isAmbiguous || isAnothers ? null : found.Image;
    }

    // The longest end of the row's path that an image's path has too.
    Found Look(string cell)
    {
        var path = Plain(cell);
        foreach (var end in Ends(path))
        {
            if (byEnd.TryGetValue(end, out var named))
            {
                return named.Count == 1 ? new(named.Image, path, end.Length, IsAmbiguous: false) : new(null, path, end.Length, IsAmbiguous: true);
            }
        }

        return new(null, path, 0, IsAmbiguous: false);
    }

    // The whole path, then without its first folder, down to the bare name.
    static IEnumerable<string> Ends(string path)
    {
        for (var start = path.Length == 0 ? -1 : 0; start >= 0; start = path.IndexOf('/', start) is var slash && slash < 0 ? -1 : slash + 1)
        {
            yield return path[start..];
        }
    }

    static string Plain(string cell) => string.Join('/', cell.Replace('\\', '/').Split('/', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Where(p => p is not ("." or "..")));

    static bool IsMask(SourceFile image) => image.Path.Contains("mask", StringComparison.OrdinalIgnoreCase);

    /// <param name="Length">Of the end on which row and image agree.</param>
    readonly record struct Found(SourceFile? Image, string Path, int Length, bool IsAmbiguous);

    /// <summary>The images whose paths end alike, of which one is kept. The same name as image and as mask: the image is meant.</summary>
    sealed record Named(SourceFile Image, bool IsMask, int Count)
    {
        public Named With(Named other) => other.IsMask == IsMask ? this with { Count = Count + 1 } : IsMask ? other : this;
    }

    /// <summary>The row that agrees longest with an image; contested where another path does so too.</summary>
    sealed record Claim(string Path, int Length, bool IsContested)
    {
        public Claim With(Found other) =>
            other.Length > Length ? new(other.Path, other.Length, IsContested: false)
            : other.Length < Length || string.Equals(other.Path, Path, StringComparison.OrdinalIgnoreCase) ? this
            : this with { IsContested = true };
    }
}
