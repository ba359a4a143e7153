namespace CovidCxr.Application.Studies;

/// <summary>The largest file that is taken in (Imaging:MaxFileMegabytes), for those who can say so before it is sent.</summary>
public sealed record UploadLimit(int Megabytes);
