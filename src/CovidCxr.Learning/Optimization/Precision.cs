namespace CovidCxr.Learning.Optimization;

public enum Precision
{
    Float32,

    /// <summary>As wide as float32 and coarser: needs no loss scale.</summary>
    BFloat16,

    Float16,
}
