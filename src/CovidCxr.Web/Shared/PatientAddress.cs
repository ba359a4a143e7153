namespace CovidCxr.Web.Shared;

/// <summary>Where a patient's visits are shown.</summary>
public static class PatientAddress
{
    public static string Of(string number) => $"patients/{Uri.EscapeDataString(number)}";

    /// <summary>Where the hospital's archives are asked for further films.</summary>
    public static string Elsewhere(string number) => $"priors/{Uri.EscapeDataString(number)}";
}
