namespace CovidCxr.Imaging.Lungs;

/// <summary>Where the lungs are in a film: a grid that covers the whole film, whatever the film's size.</summary>
/// <param name="Width">Cells of the grid.</param>
/// <param name="Height">Cells of the grid.</param>
/// <param name="Shares">Height x Width, row-major: the probability, 0..1, that the cell is lung.</param>
public sealed record LungMask(int Width, int Height, float[] Shares)
{
    /// <summary>From here on a cell counts as lung.</summary>
    public const float Lung = 0.5f;

    // A lung is larger than this part of a film; what is smaller is a mistake of the network.
    const double SmallestLung = 0.01;

    /// <summary>The same without small patches: the two largest patches of lung stay, each where it could be a lung.</summary>
    public LungMask Cleaned()
    {
        var patches = Patches();
        var kept = patches.Where(p => p.Count >= SmallestLung * Shares.Length).OrderByDescending(p => p.Count).Take(2).SelectMany(p => p)
            .ToHashSet();
        return this with { Shares = [.. Shares.Select((s, i) => s < Lung || kept.Contains(i) ? s : 0)] };
    }

    /// <summary>The part of the film that is lung, 0..1.</summary>
    public double Area => Shares.Count(s => s >= Lung) / (double)Shares.Length;

    /// <summary>The smallest region that holds all lung, in parts of the film; null where there is none.</summary>
    public FilmRegion? Bounds()
    {
        int left = Width, right = -1, top = Height, bottom = -1;
        for (var i = 0; i < Shares.Length; i++)
        {
            if (Shares[i] >= Lung)
            {
                var (y, x) = Math.DivRem(i, Width);
                (left, right, top, bottom) = (Math.Min(left, x), Math.Max(right, x), Math.Min(top, y), Math.Max(bottom, y));
            }
        }

        return right < 0
            ? null
            : new(left / (double)Width, top / (double)Height, (right + 1 - left) / (double)Width, (bottom + 1 - top) / (double)Height);
    }

    /// <summary>The share at a place of the film, between cells interpolated; beyond the film that of its edge.</summary>
    /// <param name="x">0 at the film's left edge, 1 at its right.</param>
    /// <param name="y">0 at the top, 1 at the bottom.</param>
    public float At(double x, double y) => Grid.At(Shares, Width, Height, x, y);

    // Cells of lung that touch along a side.
    internal List<List<int>> Patches()
    {
        var seen = new bool[Shares.Length];
        var patches = new List<List<int>>();
        for (var start = 0; start < Shares.Length; start++)
        {
            if (seen[start] || Shares[start] < Lung)
            {
                continue;
            }

            var patch = new List<int> { start };
            seen[start] = true;
            for (var next = 0; next < patch.Count; next++)
            {
                foreach (var neighbour in Neighbours(patch[next]))
                {
                    if (!seen[neighbour] && Shares[neighbour] >= Lung)
                    {
                        seen[neighbour] = true;
                        patch.Add(neighbour);
                    }
                }
            }

            patches.Add(patch);
        }

        return patches;
    }

    IEnumerable<int> Neighbours(int cell)
    {
        var (y, x) = Math.DivRem(cell, Width);
        if (x > 0)
        {
            yield return cell - 1;
        }

        if (x < Width - 1)
        {
            yield return cell + 1;
        }

        if (y > 0)
        {
            yield return cell - Width;
        }

        if (y < Height - 1)
        {
            yield return cell + Width;
        }
    }
}
