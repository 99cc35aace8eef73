// @aws-sdk/client-s3 with its presigner and lib-storage: node s3.js <endpoint>; prints what was seen.
const { Readable } = require('stream');
const { S3Client, CreateBucketCommand, PutObjectCommand, GetObjectCommand, HeadObjectCommand, DeleteObjectsCommand, ListObjectsV2Command } = require('@aws-sdk/client-s3');
const { getSignedUrl } = require('@aws-sdk/s3-request-presigner');
const { Upload } = require('@aws-sdk/lib-storage');

const Bucket = 'from-js';
const client = new S3Client({ endpoint: process.argv[2], region: 'us-east-1', credentials: { accessKeyId: 'test', secretAccessKey: 'test' } });
const send = (Command, input) => client.send(new Command({ Bucket, ...input }));

async function main() {
    const seen = {};
    await send(CreateBucketCommand, {});
    const Key = 'a b/ü+%&?#';
    seen.put = (await send(PutObjectCommand, { Key, Body: 'Hello World!', Metadata: { color: 'red' } })).ChecksumCRC32;
    const got = await send(GetObjectCommand, { Key });
    seen.got = [await got.Body.transformToString(), got.Metadata.color];
    seen.checksums = [];
    for (const ChecksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256']) {
        const put = await send(PutObjectCommand, { Key: ChecksumAlgorithm, Body: '123456789', ChecksumAlgorithm });
        const head = await send(HeadObjectCommand, { Key: ChecksumAlgorithm, ChecksumMode: 'ENABLED' });
        seen.checksums.push(put['Checksum' + ChecksumAlgorithm], put['Checksum' + ChecksumAlgorithm] === head['Checksum' + ChecksumAlgorithm]);
    }

    // A body whose length nobody knows goes up in parts, and as a stream with trailers.
    const parts = Readable.from((function* () { for (let i = 0; i < 13; i++) yield Buffer.alloc(1024 * 1024, i); })());
    seen.parts = (await new Upload({ client, params: { Bucket, Key: 'parts', Body: parts } }).done()).ETag.endsWith('-3"');
    await send(PutObjectCommand, { Key: 'streamed', Body: Readable.from([Buffer.from('streamed')]), ContentLength: 8 });
    seen.streamed = await (await send(GetObjectCommand, { Key: 'streamed' })).Body.transformToString();
    seen.partsLength = (await send(HeadObjectCommand, { Key: 'parts' })).ContentLength;

    const put = await getSignedUrl(client, new PutObjectCommand({ Bucket, Key: 'linked' }), { expiresIn: 60 });
    seen.linkedPut = (await fetch(put, { method: 'PUT', body: 'by a link' })).status;
    const get = await getSignedUrl(client, new GetObjectCommand({ Bucket, Key: 'linked', ResponseContentType: 'text/html' }), { expiresIn: 60 });
    const linked = await fetch(get);
    seen.linkedGet = [linked.status, linked.headers.get('content-type'), await linked.text()];
    const tampered = await fetch(get.replace('linked?', 'parts?'));
    seen.tampered = [tampered.status, /<Code>(\w+)/.exec(await tampered.text())[1]];

    const keys = (await send(ListObjectsV2Command, {})).Contents.map(one => one.Key);
    seen.keys = keys.length;
    seen.deleted = (await send(DeleteObjectsCommand, { Delete: { Objects: keys.map(key => ({ Key: key })) } })).Deleted.length;
    console.log(JSON.stringify(seen));
}

main().catch(error => { console.error(error); process.exit(1); });
