using CovidCxr.Domain.Readings;
using CovidCxr.Domain.Studies;

namespace CovidCxr.Application.Agreement;

/// <summary>Which finished readings are compared.</summary>
/// <param name="From">The first day of reading, in UTC.</param>
/// <param name="To">The last day of reading, in UTC.</param>
/// <param name="ModelVersionId">The version whose answer the reader saw.</param>
public sealed record AgreementFilter(
    DateOnly? From = null, DateOnly? To = null, Guid? ReaderId = null, Guid? ModelVersionId = null, ViewPosition? View = null, Sex? Sex = null,
    ReferencePolicy Reference = ReferencePolicy.AnyAgreeing);
