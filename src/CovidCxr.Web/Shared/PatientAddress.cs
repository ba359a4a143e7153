namespace CovidCxr.Web.Shared;

/// <summary>Where a patient's visits are shown.</summary>
public static class PatientAddress
{
    public static string Of(string number) => $"patients/{Uri.EscapeDataString(number)}";
}
