namespace CovidCxr.Laboratory.DataSets.Sources;

/// <summary>A file that may be imported.</summary>
/// <param name="Path">Relative, with forward slashes, as <see cref="SourceNames"/> gives it.</param>
public sealed record SourceFile(string Path, long Bytes);

/// <summary>Where an import takes its files from. Not safe for several threads at once.</summary>
abstract class ImageSource : IDisposable
{
    /// <summary>Images and tables, in a stable order.</summary>
    public abstract IReadOnlyList<SourceFile> Files { get; }

    /// <summary>Files that are neither and are not imported.</summary>
    public abstract IReadOnlyList<string> Ignored { get; }

    /// <summary>How many files a system or an editor left there, which nobody means.</summary>
    public virtual int Litter => 0;

    /// <summary>What a person should know of it, in words.</summary>
    public virtual IReadOnlyList<string> Remarks => [];

    /// <exception cref="ImportRefusedException">The file is not what its source declared.</exception>
    public abstract byte[] Read(SourceFile file);

    public IEnumerable<SourceFile> Images => Files.Where(f => SourceNames.IsImage(f.Path));

    public IEnumerable<SourceFile> Tables => Files.Where(f => SourceNames.IsTable(f.Path));

    public virtual void Dispose()
    {
    }
}

/// <summary>What is asked to be imported must not be. The message is for a person and quotes no patient.</summary>
public sealed class ImportRefusedException : Exception
{
    public ImportRefusedException(string message)
        : base(message)
    {
    }

    public ImportRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
