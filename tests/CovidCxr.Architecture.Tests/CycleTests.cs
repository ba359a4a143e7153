using System.Text;

namespace CovidCxr.Architecture.Tests;

/// <summary>
/// A folder that uses another is above it: there is no way back. What counts is which types a file names, as the compiler resolved
/// them, not its usings. A failure lists the fewest uses found to cut.
/// </summary>
[Trait("Speed", "Slow")]
public class CycleTests
{
    [Fact]
    public void Folders_OfARoom_FormNoCycle() => AssertNone("folders", Folder);

    [Fact]
    public void TopFolders_OfARoom_FormNoCycle() => AssertNone("top folders", TopFolder);

    /// <summary>Such a cycle is the hardest to cut: no file of it can move to another folder as it is.</summary>
    [Fact]
    public void Files_OfSeveralFolders_FormNoCycle()
    {
        var message = new StringBuilder();
        foreach (var room in Rooms.Value)
        {
            foreach (var files in Knots.Find(room.Uses.Select(u => (u.UserFile, u.UsedFile))))
            {
                var uses = room.Uses.Where(u => files.Contains(u.UserFile) && files.Contains(u.UsedFile));
                Describe(message, $"{room}: files in one cycle: {string.Join(", ", files)}", uses, Folder);
            }
        }

        Assert.True(message.Length == 0, message.ToString());
    }

    static void AssertNone(string what, Func<string, string> node)
    {
        var message = new StringBuilder();
        foreach (var room in Rooms.Value)
        {
            Describe(message, $"{room}: {what} in one cycle", room.Uses, node);
        }

        Assert.True(message.Length == 0, message.ToString());
    }

    static void Describe(StringBuilder message, string title, IEnumerable<Use> uses, Func<string, string> node)
    {
        var edges = uses.Where(u => node(u.UserFile) != node(u.UsedFile)).ToLookup(u => (From: node(u.UserFile), To: node(u.UsedFile)));
        foreach (var knot in Knots.Find(edges.Select(e => e.Key)))
        {
            message.AppendLine().AppendLine($"{title}: {string.Join(", ", knot)} ({knot.Length})");
            message.AppendLine("  Cut these and there is none:");
            var cut = Knots.Cut(knot, (from, to) => edges[(from, to)].Count());
            var kept = edges.Select(e => e.Key).Except(cut).Where(e => knot.Contains(e.From) && knot.Contains(e.To)).ToList();
            foreach (var edge in cut.OrderBy(e => edges[e].Count()))
            {
                message.AppendJoin("", edges[edge].Select(use => $"    {edge.From} -> {edge.To} because {use}\n"));
                var back = Knots.Way(edge.To, edge.From, kept);
                var steps = back.Zip(back.Skip(1));
                message.AppendJoin("", steps.Select(e => $"      while {e.First} -> {e.Second} because {Short(edges[e])}\n"));
            }
        }
    }

    static string Short(IEnumerable<Use> uses) => uses.Count() > 1 ? $"{uses.First()} and {uses.Count() - 1} more" : $"{uses.First()}";

    static readonly Lazy<Room[]> Rooms = new(() => [.. Room.All()]);

    static string Folder(string file) => Join(file.Split('/')[..^1]);

    // A feature of the site is Features/Clinic/Readings; what the features share is Shared/Charts; elsewhere the first folder tells.
    static string TopFolder(string file)
    {
        var folders = file.Split('/')[..^1];
        var depth = folders is ["Features", ..] ? 3 : folders is ["Shared", ..] ? 2 : 1;
        return Join(folders[..Math.Min(depth, folders.Length)]);
    }

    static string Join(string[] folders) => folders.Length == 0 ? "(root)" : string.Join('/', folders);
}
