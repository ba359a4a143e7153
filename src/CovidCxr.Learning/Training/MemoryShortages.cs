using System.Globalization;
using CovidCxr.Learning.Files;

namespace CovidCxr.Learning.Training;

/// <summary>
/// How often memory ran out in a run, noted beside its checkpoints: what the first time changed holds after a restart too.
/// </summary>
public sealed class MemoryShortages(string folder)
{
    string Note => Path.Combine(folder, "out-of-memory.txt");

    public int Count => File.Exists(Note) ? int.Parse(File.ReadAllText(Note), CultureInfo.InvariantCulture) : 0;

    public void Add()
    {
        var count = Count + 1;
        DurableFile.Write(Note, stream => stream.Write(System.Text.Encoding.ASCII.GetBytes(count.ToString(CultureInfo.InvariantCulture))));
    }

    public void Forget() => File.Delete(Note);
}
