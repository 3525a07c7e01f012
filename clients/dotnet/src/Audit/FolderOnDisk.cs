using System.Runtime.InteropServices;

namespace VoiceWorker.Client.Audit;

/// <summary>Has the disk know the name of a file, so that after a power cut it is still that of this file. .NET opens no
/// folders; Windows needs none of it.</summary>
internal static class FolderOnDisk
{
    private const int ReadOnly = 0;

    /// <summary>Returns when the disk has it.</summary>
    /// <param name="path">Of the file, from the root on.</param>
    /// <exception cref="IOException">It does not.</exception>
    public static void Sync(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        var folder = Open(Path.GetDirectoryName(path)!, ReadOnly);
        if (folder < 0)
            throw new IOException($"the folder of {path} cannot be opened ({Marshal.GetLastPInvokeErrorMessage()})");
        try
        {
            // Some file systems have no such thing, and say EINVAL.
            _ = FlushToDisk(folder);
        }
        finally
        {
            _ = Close(folder);
        }
    }

    [DllImport("libc", EntryPoint = "open", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Open([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int flags);

    [DllImport("libc", EntryPoint = "fsync")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int FlushToDisk(int file);

    [DllImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Close(int file);
}
