namespace CovidCxr.Statistics.Agreement;

/// <summary>The cells of a table of two callers who each say yes or no, in the order of <see cref="PairTable.Counts"/>.</summary>
public enum PairCell : byte
{
    /// <summary>Both say yes.</summary>
    Both,

    /// <summary>The first says yes, the second no.</summary>
    OnlyFirst,

    /// <summary>The first says no, the second yes.</summary>
    OnlySecond,

    /// <summary>Both say no.</summary>
    Neither,
}

/// <summary>What the cells of such a table mean.</summary>
public static class PairCells
{
    /// <summary>The cell of a case that the two call so.</summary>
    public static PairCell Of(bool first, bool second) => (first, second) switch
    {
        (true, true) => PairCell.Both,
        (true, false) => PairCell.OnlyFirst,
        (false, true) => PairCell.OnlySecond,
        _ => PairCell.Neither,
    };

    /// <summary>Whether the two say the same.</summary>
    public static bool IsAgreement(this PairCell cell) => cell is PairCell.Both or PairCell.Neither;
}
