namespace Jarvis.AppHost.Embedded;

/// <summary>A folder beside the final place of something that is made in several steps: what is finished is moved there in one rename.</summary>
sealed class WorkFolder : IAsyncDisposable
{
    public WorkFolder(string parent) => Path = Directory.CreateDirectory(System.IO.Path.Combine(parent, $".work-{Environment.ProcessId}-{System.IO.Path.GetRandomFileName()}")).FullName;

    public string Path { get; }

    public static void MoveInto(string finished, string target)
    {
        try
        {
            Directory.Move(finished, target);
        }
        catch (IOException) when (Directory.Exists(target))
        {
            // Another AppHost that shares the cache was faster with the same content.
        }
    }

    public ValueTask DisposeAsync()
    {
        try
        {
            Directory.Delete(Path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // It costs some disk, no more.
        }

        return ValueTask.CompletedTask;
    }
}
