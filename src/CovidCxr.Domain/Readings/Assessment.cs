namespace CovidCxr.Domain.Readings;

/// <summary>What a reader who saw a model's answer made of it.</summary>
public enum Assessment
{
    /// <summary>Nobody has finished a reading with this answer in sight.</summary>
    NotRead,

    Agreed,

    /// <summary>Agreed, and the own opinion of before was another.</summary>
    Changed,

    Rejected,
}
