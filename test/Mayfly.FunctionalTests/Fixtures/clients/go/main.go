// Package main is a runtime client with nothing but the standard library.
package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"time"
)

type job struct {
	Do, URL, Body string
}

var api = "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"

func post(path, kind string, body io.Reader, header, trailer http.Header) {
	request, err := http.NewRequest("POST", api+path, body)
	must(err)
	for name, values := range header {
		request.Header[name] = values
	}
	request.Header.Set("Content-Type", kind)
	request.Trailer = trailer
	answer, err := http.DefaultClient.Do(request)
	must(err)
	io.Copy(io.Discard, answer.Body)
	answer.Body.Close()
	if answer.StatusCode != 202 {
		panic(answer.Status)
	}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func failure() []byte {
	return []byte(`{"errorMessage": "as asked", "errorType": "Function.GoError", "stackTrace": [{"path": "main.go", "line": 1, "label": "main"}]}`)
}

func answer(id string, event []byte, it job, next http.Header) {
	fmt.Println("saw", it.Do)
	switch it.Do {
	case "fail":
		post("invocation/"+id+"/error", "application/json", bytes.NewReader(failure()), http.Header{"Lambda-Runtime-Function-Error-Type": {"Function.GoError"}}, nil)
	case "exit":
		os.Exit(3)
	default:
		deadline, err := strconv.ParseInt(next.Get("Lambda-Runtime-Deadline-Ms"), 10, 64)
		must(err)
		said, err := json.Marshal(map[string]any{"got": json.RawMessage(event), "id": id, "arn": next.Get("Lambda-Runtime-Invoked-Function-Arn"), "timely": deadline > time.Now().UnixMilli()})
		must(err)
		post("invocation/"+id+"/response", "application/json", bytes.NewReader(said), nil, nil)
	}
}

func stream(id string, it job) {
	if it.Body != "" {
		must(json.Unmarshal([]byte(it.Body), &it))
	}
	reader, writer := io.Pipe()
	trailer := http.Header{"Lambda-Runtime-Function-Error-Type": nil, "Lambda-Runtime-Function-Error-Body": nil}
	go func() {
		writer.Write([]byte("first\n"))
		if it.Do == "fail" {
			trailer.Set("Lambda-Runtime-Function-Error-Type", "Function.GoError")
			trailer.Set("Lambda-Runtime-Function-Error-Body", base64.StdEncoding.EncodeToString(failure()))
		} else {
			waited, err := http.Get(it.URL)
			must(err)
			waited.Body.Close()
			writer.Write([]byte("second\n"))
		}
		writer.Close()
	}()
	post("invocation/"+id+"/response", "text/plain", reader, http.Header{"Lambda-Runtime-Function-Response-Mode": {"streaming"}}, trailer)
}

func main() {
	if os.Getenv("_HANDLER") == "index.nothing" {
		post("init/error", "application/json", bytes.NewReader([]byte(`{"errorMessage": "index.nothing", "errorType": "Runtime.HandlerNotFound", "stackTrace": []}`)),
			http.Header{"Lambda-Runtime-Function-Error-Type": {"Runtime.HandlerNotFound"}}, nil)
		os.Exit(1)
	}
	for {
		next, err := http.Get(api + "invocation/next")
		must(err)
		event, err := io.ReadAll(next.Body)
		must(err)
		next.Body.Close()
		var it job
		must(json.Unmarshal(event, &it))
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		if os.Getenv("_HANDLER") == "index.stream" {
			stream(id, it)
		} else {
			answer(id, event, it, next.Header)
		}
	}
}
