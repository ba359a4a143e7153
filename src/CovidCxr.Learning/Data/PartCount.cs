namespace CovidCxr.Learning.Data;

/// <summary>How many images of how many patients a class has in a part (train, validation, test) of a data set.</summary>
public sealed record PartCount(string Part, string Class, int Images, int Patients);
