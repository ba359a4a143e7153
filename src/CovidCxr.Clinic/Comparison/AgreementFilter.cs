using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Clinic.Comparison;

/// <summary>The patient's age at the film, in years.</summary>
public enum AgeBand
{
    Unknown,
    Under18,
    From18To39,
    From40To59,
    From60To79,
    From80,
}

/// <summary>Which finished readings are compared.</summary>
/// <param name="From">The first day of reading, in UTC.</param>
/// <param name="To">The last day of reading, in UTC.</param>
/// <param name="ModelVersionId">The version whose answer the reader saw.</param>
/// <param name="Prevalence">Where predictive values are wanted for another department, above 0 and below 1; it leaves no reading
/// out.</param>
public sealed record AgreementFilter(
    DateOnly? From = null, DateOnly? To = null, Guid? ReaderId = null, Guid? ModelVersionId = null, ViewPosition? View = null,
    Sex? Sex = null, ReferencePolicy Reference = ReferencePolicy.AnyAgreeing, AgeBand? Age = null, double? Prevalence = null)
{
    public static AgeBand Band(int? years) => years switch
    {
        null or < 0 => AgeBand.Unknown,
        < 18 => AgeBand.Under18,
        < 40 => AgeBand.From18To39,
        < 60 => AgeBand.From40To59,
        < 80 => AgeBand.From60To79,
        _ => AgeBand.From80,
    };
}
