using System.Collections.Frozen;
using Jarvis.Catalog.Formats;

namespace Jarvis.Catalog.Linting;

/// <summary>
/// Nodes that n8n has deprecated or removed, by https://docs.n8n.io/integrations/builtin/deprecated-nodes/ and the breaking changes of n8n 2.0 and 3.0,
/// and the current major versions of nodes that templates often have in an older one.
/// </summary>
public static class DeprecatedNodes
{
    private const string Base = "n8n-nodes-base.";
    private const string LangChain = "@n8n/n8n-nodes-langchain.";

    private static readonly FrozenDictionary<string, DeprecatedNode> Types = new Dictionary<string, DeprecatedNode>(StringComparer.Ordinal)
    {
        [$"{Base}start"] = Removed("2.0", "Use Manual Trigger, or Execute Workflow Trigger for a sub-workflow."),
        [$"{Base}automizy"] = Removed("2.0", "The service is gone: remove the node."),
        [$"{Base}crowdDev"] = Removed("2.0", "The service is gone: remove the node."),
        [$"{Base}kitemaker"] = Removed("2.0", "The service is gone: remove the node."),
        [$"{Base}spontit"] = Removed("2.0", "The service is gone: remove the node."),
        [$"{Base}function"] = Removed("3.0", "Use Code in the mode Run Once for All Items."),
        [$"{Base}functionItem"] = Removed("3.0", "Use Code in the mode Run Once for Each Item."),
        [$"{Base}itemLists"] = Removed("3.0", "Use Split Out, Aggregate, Sort, Limit, Remove Duplicates or Summarize."),
        [$"{Base}aiTransform"] = Removed("3.0", "Use Code with the JavaScript that it made."),
        [$"{Base}cron"] = Removed("3.0", "Use Schedule Trigger."),
        [$"{Base}interval"] = Removed("3.0", "Use Schedule Trigger."),
        [$"{Base}htmlExtract"] = Removed("3.0", "Use HTML with Extract HTML Content."),
        [$"{Base}iCal"] = Removed("3.0", "Use Convert to File with Convert to ICS."),
        [$"{Base}moveBinaryData"] = Removed("3.0", "Use Convert to File or Extract From File."),
        [$"{Base}readBinaryFile"] = Removed("3.0", "Use Read/Write Files from Disk."),
        [$"{Base}readBinaryFiles"] = Removed("3.0", "Use Read/Write Files from Disk."),
        [$"{Base}writeBinaryFile"] = Removed("3.0", "Use Read/Write Files from Disk."),
        [$"{Base}readPDF"] = Removed("3.0", "Use Extract From File with Extract From PDF."),
        [$"{Base}workflowTrigger"] = Removed("3.0", "Use n8n Trigger."),
        [$"{Base}activationTrigger"] = Removed("1.0", "Use n8n Trigger."),
        [$"{Base}orbit"] = Removed("3.0", "The service is gone: remove the node."),
        [$"{LangChain}code"] = Removed("3.0", "Use Code, or an AI node with tools."),
        [$"{LangChain}documentBinaryInputLoader"] = Removed("3.0", "Use Default Data Loader with Binary."),
        [$"{LangChain}documentJsonInputLoader"] = Removed("3.0", "Use Default Data Loader with JSON."),
        [$"{LangChain}documentGithubLoader"] = Removed("3.0", "Use GitHub and Default Data Loader."),
        [$"{LangChain}memoryChatRetriever"] = Removed("3.0", "Use Chat Memory Manager with Get Many Messages."),
        [$"{LangChain}memoryMotorhead"] = Removed("3.0", "Use Simple Memory, or memory in Postgres or Redis."),
        [$"{LangChain}memoryZep"] = Removed("3.0", "Use Simple Memory, or memory in Postgres or Redis."),
        [$"{LangChain}manualChatTrigger"] = Removed("3.0", "Use Chat Trigger."),
        [$"{LangChain}openAiAssistant"] = Removed("3.0", "Use OpenAI with the resource Assistant."),
        [$"{LangChain}lmOpenAi"] = Removed("3.0", "Use OpenAI Chat Model."),
        [$"{LangChain}toolHttpRequest"] = Removed("3.0", "Use HTTP Request as a tool."),
        [$"{LangChain}toolSerpApi"] = Removed("3.0", "Use the verified SerpApi community node."),
        [$"{LangChain}vectorStoreInMemoryInsert"] = Removed("3.0", "Use Simple Vector Store with Insert Documents."),
        [$"{LangChain}vectorStoreInMemoryLoad"] = Removed("3.0", "Use Simple Vector Store with Get Many."),
        [$"{LangChain}vectorStorePineconeInsert"] = Removed("3.0", "Use Pinecone Vector Store with Insert Documents."),
        [$"{LangChain}vectorStorePineconeLoad"] = Removed("3.0", "Use Pinecone Vector Store with Get Many."),
        [$"{LangChain}vectorStoreSupabaseInsert"] = Removed("3.0", "Use Supabase Vector Store with Insert Documents."),
        [$"{LangChain}vectorStoreSupabaseLoad"] = Removed("3.0", "Use Supabase Vector Store with Get Many."),
        [$"{LangChain}vectorStoreZep"] = Removed("3.0", "Use another vector store."),
        [$"{LangChain}vectorStoreZepInsert"] = Removed("3.0", "Use another vector store."),
        [$"{LangChain}vectorStoreZepLoad"] = Removed("3.0", "Use another vector store."),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly DeprecatedNode OldAgent = new("version 1 of the AI Agent is removed in n8n 3.0, and its agent types with it.", "Add the AI Agent anew; for SQL connect Postgres or MySQL as a tool.");

    private static readonly FrozenDictionary<string, int> Majors = new Dictionary<string, int>(StringComparer.Ordinal)
    {
        [$"{Base}httpRequest"] = 4,
        [$"{Base}googleSheets"] = 4,
        [$"{Base}nocoDb"] = 4,
        [$"{Base}set"] = 3,
        [$"{Base}switch"] = 3,
        [$"{Base}merge"] = 3,
        [$"{Base}splitInBatches"] = 3,
        [$"{Base}googleDrive"] = 3,
        [$"{Base}if"] = 2,
        [$"{Base}code"] = 2,
        [$"{Base}filter"] = 2,
        [$"{Base}webhook"] = 2,
        [$"{Base}formTrigger"] = 2,
        [$"{Base}emailReadImap"] = 2,
        [$"{Base}emailSend"] = 2,
        [$"{Base}dateTime"] = 2,
        [$"{Base}airtable"] = 2,
        [$"{Base}gmail"] = 2,
        [$"{Base}slack"] = 2,
        [$"{Base}notion"] = 2,
        [$"{Base}postgres"] = 2,
        [$"{Base}mySql"] = 2,
        [$"{Base}discord"] = 2,
        [$"{Base}hubspot"] = 2,
        [$"{Base}twitter"] = 2,
        [$"{Base}spreadsheetFile"] = 2,
        [$"{Base}microsoftExcel"] = 2,
        [$"{Base}googleDocs"] = 2,
        [$"{Base}removeDuplicates"] = 2,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Null when the node may stay.</summary>
    public static DeprecatedNode? Find(WorkflowNode node) =>
        node.Type == $"{LangChain}agent" && node.Version < 2 ? OldAgent : Types.GetValueOrDefault(node.Type);

    /// <summary>The current major version when the node has an older one, else null.</summary>
    public static int? CurrentVersion(WorkflowNode node) => Majors.TryGetValue(node.Type, out var current) && node.Version < current ? current : null;

    private static DeprecatedNode Removed(string version, string fix) => new($"a node that is deprecated and, as of n8n {version}, removed.", fix);
}
