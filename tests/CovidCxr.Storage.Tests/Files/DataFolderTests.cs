using CovidCxr.Storage.Files;
using CovidCxr.Testing;

namespace CovidCxr.Storage.Tests.Files;

public sealed class DataFolderTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Folder_NewOrOpenToAll_IsOpenToItsOwnerAlone(bool isThere)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Modes of files are Unix's.");
            return;
        }

        using var place = new TestFolder();
        var path = Path.Combine(place.Data.Root, "under", "data");
        if (isThere)
        {
            Directory.CreateDirectory(path);
            File.SetUnixFileMode(path, (UnixFileMode)Convert.ToInt32("755", 8));
        }

        var folder = new DataFolder(path);

        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(folder.Root));
    }
}
