namespace CovidCxr.Hospital.Delivery;

/// <summary>What a destination answered to an object.</summary>
enum StoreAnswer
{
    /// <summary>Status 0000 and nothing else; by FHIR, all of the transaction, and the report was read back.</summary>
    Taken,

    /// <summary>It is not there, or too busy: it may take the object another time.</summary>
    Unreachable,

    /// <summary>It was there and did not take the object, or not as it is.</summary>
    Refused,
}

/// <param name="Reason">In words, without a patient's data.</param>
/// <param name="MayBeThere">False only where it is certain that the destination does not have the object.</param>
/// <param name="RetryAfter">How long it is left alone: it wants it, or may still be at work on the object. Null for neither.</param>
readonly record struct StoreResult(StoreAnswer Answer, string Reason, bool MayBeThere = false, TimeSpan? RetryAfter = null);
