namespace CovidCxr.Imaging.Decoding;

/// <summary>
/// Finds a TIFF's picture among its directories and checks that all of it is there, before libtiff would draw what is missing in black.
/// </summary>
static class TiffFile
{
    // As many directories are read of one file. A film has one, with previews and masks a handful.
    const int MaxDirectories = 256;

    const ulong IsReduced = 1;
    const ulong IsMask = 4;
    const ulong OldReduced = 2;

    public static Inspection Inspect(byte[] bytes, ImagingOptions options)
    {
        var seen = new HashSet<ulong>();
        if (TiffReader.Open(bytes) is not { } reader || Chain(bytes, reader, reader.First, seen) is not { Count: > 0 } pages
            || pages.Any(p => p.Count(TiffTag.SubDirectories) > MaxDirectories))
        {
            return Refusals.Damaged();
        }

        var pictures = pages.Where(p => !IsSecondary(bytes, p)).ToList();
        var children = pages.SelectMany(p => p.Values(bytes, TiffTag.SubDirectories, MaxDirectories)).ToList();
        if (pictures.Count != 1)
        {
            return pictures.Count == 0 ? Refusals.PreviewOnly() : Refusals.SeveralFrames();
        }

        if (TiffPage.Check(bytes, pictures[0], options) is { } refused)
        {
            return refused;
        }

        // Previews and masks are not read, but where one is cut the file is.
        var others = pages.Where(p => p != pictures[0]).ToList();
        foreach (var child in children.Where(c => !seen.Contains(c)))
        {
            if (Chain(bytes, reader, child, seen) is not { } found)
            {
                return Refusals.Damaged();
            }

            others.AddRange(found);
        }

        return others.Any(o => TiffPage.Check(bytes, o, options) is { Reason: RefusalReason.Damaged })
            ? Refusals.Damaged()
            : new Inspection(null, pages.IndexOf(pictures[0]), FailOn: TiffPage.FailOn(bytes, pictures[0]));
    }

    // Null where an offset leads beyond the file or to a directory that was read before.
    static List<TiffDirectory>? Chain(byte[] bytes, TiffReader reader, ulong first, HashSet<ulong> seen)
    {
        var pages = new List<TiffDirectory>();
        for (ulong? at = first; at != 0;)
        {
            if (at is not { } offset || !seen.Add(offset) || seen.Count > MaxDirectories
                || !reader.TryDirectory(bytes, offset, out var page))
            {
                return null;
            }

            pages.Add(page);
            at = page.Next;
        }

        return pages;
    }

    static bool IsSecondary(byte[] bytes, TiffDirectory page) =>
        (page.Value(bytes, TiffTag.NewSubfileType, 0) & (IsReduced | IsMask)) > 0
            || page.Value(bytes, TiffTag.OldSubfileType, 0) == OldReduced;
}
