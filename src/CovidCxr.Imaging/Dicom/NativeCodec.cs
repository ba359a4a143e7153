using System.Runtime.InteropServices;

namespace CovidCxr.Imaging.Dicom;

/// <summary>A library of the system that decodes one coding. Where it is not installed, films of that coding are refused by name.</summary>
/// <param name="library">Its file name, version included, as the loader knows it.</param>
/// <param name="newest">What it has to export; a version without it counts as none.</param>
/// <param name="package">What Debian and Ubuntu call the package.</param>
sealed class NativeCodec(string library, string newest, string package)
{
    readonly Lazy<bool> _isPresent = new(() =>
        NativeLibrary.TryLoad(library, out var handle) && NativeLibrary.TryGetExport(handle, newest, out _));

    public string Package => package;

    public bool IsPresent => _isPresent.Value;
}
