using System.Text.Json;

namespace VoiceWorker.Client.Audit;

/// <summary>
/// A ledger in a file, without a database. Each commit is a line that the disk has before the events are acknowledged.
/// What a handler does elsewhere can happen twice, when the process is killed before the commit.
/// </summary>
public sealed class FileLedger : IAuditLedger<FileTransaction>, IDisposable
{
    // A file is written anew when it is larger than this, and four times as large as it was after the last time.
    private const long SmallestToCompact = 4 << 20;

    private readonly string _path;
    private readonly SemaphoreSlim _one = new(1, 1);
    private readonly Lock _lock = new();
    private readonly Dictionary<string, StreamState> _streams = new(StringComparer.Ordinal);
    private FileStream _file;
    private long _compactSize;

    /// <summary>Opens it, or makes it.</summary>
    /// <param name="path">The file; one consumer for each.</param>
    /// <exception cref="InvalidDataException">It is no ledger.</exception>
    /// <exception cref="IOException">Another process has it.</exception>
    public FileLedger(string path)
    {
        _path = Path.GetFullPath(path);
        _file = Open();
        try
        {
            _compactSize = Read();
            FolderOnDisk.Sync(_path);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask<FileTransaction> BeginAsync(CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken).ConfigureAwait(false);
        return new FileTransaction(this);
    }

    /// <inheritdoc />
    public ValueTask<IReadOnlyList<AuditGap>> GapsAsync(CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            return ValueTask.FromResult<IReadOnlyList<AuditGap>>(
            [
                .. from stream in _streams.Values.OrderBy(one => one.Stream, StringComparer.Ordinal)
                   from gap in stream.Gaps
                   select new AuditGap(stream.Stream, gap[0], gap[1]),
            ]);
        }
    }

    /// <summary>Closes the file.</summary>
    public void Dispose()
    {
        _file.Dispose();
        _one.Dispose();
    }

    internal StreamState? Find(string stream)
    {
        lock (_lock)
            return _streams.GetValueOrDefault(stream);
    }

    /// <summary>Returns when the disk has them.</summary>
    internal void Commit(IReadOnlyCollection<StreamState> changed)
    {
        var end = _file.Position;
        try
        {
            Write(_file, changed);
        }
        catch
        {
            // A part of a line before the next one would make all of it unreadable.
            _file.SetLength(end);
            throw;
        }

        lock (_lock)
        {
            foreach (var stream in changed)
                _streams[stream.Stream] = stream;
        }

        if (_file.Length > Math.Max(SmallestToCompact, 4 * _compactSize))
            Compact();
    }

    internal void End() => _one.Release();

    // Without a buffer: what could not be written is not to be written by the next commit.
    private FileStream Open() =>
        new(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);

    // A line that a crash cut off was not acknowledged: its events come again.
    private long Read()
    {
        var end = 0L;
        var buffer = new MemoryStream();
        _file.CopyTo(buffer);
        var text = buffer.GetBuffer().AsSpan(0, (int)buffer.Length);
        for (int length; (length = text.IndexOf((byte)'\n')) >= 0; text = text[(length + 1)..])
        {
            Apply(text[..length]);
            end += length + 1;
        }

        _file.SetLength(end);
        _file.Position = end;
        return end;
    }

    private void Apply(ReadOnlySpan<byte> line)
    {
        try
        {
            foreach (var stream in JsonSerializer.Deserialize(line, LedgerJson.Default.StreamStateArray) ?? [])
                _streams[stream.Stream] = stream;
        }
        catch (JsonException)
        {
            throw new InvalidDataException($"{_path} is no ledger of audit events");
        }
    }

    // The new file takes the place of the old one as a whole.
    private void Compact()
    {
        var next = _path + ".new";
        using (var file = new FileStream(next, FileMode.Create, FileAccess.Write))
            Write(file, _streams.Values);
        _file.Dispose();
        try
        {
            File.Move(next, _path, overwrite: true);
        }
        finally
        {
            // Whichever it is now.
            _file = Open();
            _compactSize = _file.Seek(0, SeekOrigin.End);
        }

        FolderOnDisk.Sync(_path);
    }

    private static void Write(FileStream file, IReadOnlyCollection<StreamState> streams)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes([.. streams], LedgerJson.Default.StreamStateArray);
        file.Write([.. line, (byte)'\n']);
        file.Flush(flushToDisk: true);
    }
}
