// Command chophien keeps one master catalog and makes every channel show it.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // a scratch image has no zone files

	"github.com/alecthomas/kong"
)

// Exit codes, as documented in the README.
const (
	exitOK      = 0
	exitFailure = 1 // something failed; the message says what to do
	exitUsage   = 2 // the command line is wrong
	exitPartial = 3 // done in part: something was refused, held or left over
	exitConfig  = 4 // connectors.yaml or the environment is wrong
)

// cli is the command line. Help texts are in Vietnamese, then English.
type cli struct {
	Config  string `help:"Tệp cấu hình kênh. / The file that lists the channels." default:"connectors.yaml" env:"CHOPHIEN_CONFIG" type:"path"`
	Data    string `help:"Thư mục dữ liệu. / Where data is kept." default:"data" env:"CHOPHIEN_DATA" type:"path"`
	MongoDB string `name:"mongodb" help:"Địa chỉ MongoDB; để trống thì dùng một tệp trong thư mục dữ liệu. / MongoDB address; empty = one file in the data folder." env:"CHOPHIEN_MONGODB_URI"`
	NATS    string `name:"nats" help:"Địa chỉ NATS; để trống thì chạy bên trong. / NATS address; empty = runs inside." env:"CHOPHIEN_NATS_URL"`
	Lang    string `help:"Ngôn ngữ hiển thị. / Language of the output." enum:"vi,en" default:"vi" env:"CHOPHIEN_LANG"`
	Verbose bool   `short:"v" help:"Ghi nhật ký chi tiết. / Log in detail."`

	AllowLoopback bool `hidden:"" help:"Cho đọc giá từ trang trên máy này, chỉ để thử. / Let market pages of this machine be read, for tests and practice only." env:"CHOPHIEN_ALLOW_LOOPBACK"`

	Serve      serveCmd      `cmd:"" help:"Chạy dịch vụ theo lịch. / Run the scheduled service."`
	Demo       demoCmd       `cmd:"" help:"Chạy thử toàn bộ với các cửa hàng mô phỏng của năm nền tảng. / Show it all with simulated shops on five platforms."`
	Import     importCmd     `cmd:"" help:"Nhập sản phẩm từ bảng tính. / Import products from a spreadsheet."`
	Export     exportCmd     `cmd:"" help:"Xuất sản phẩm ra bảng tính. / Export products to a spreadsheet."`
	Plan       planCmd       `cmd:"" help:"Xem sẽ thay đổi gì trên các kênh. / Show what would change on the channels."`
	Publish    publishCmd    `cmd:"" help:"Đăng và cập nhật lên các kênh. / Publish to the channels."`
	Observe    observeCmd    `cmd:"" help:"Đọc lại mọi tin đăng trên các kênh. / Read back all listings of the channels."`
	Orders     ordersCmd     `cmd:"" help:"Đơn hàng. / Orders."`
	Prices     pricesCmd     `cmd:"" help:"Giá đang bán trên các kênh. / Prices asked on the channels."`
	Watch      watchCmd      `cmd:"" help:"Theo dõi giá thị trường. / Watch market prices."`
	Alerts     alertsCmd     `cmd:"" help:"Tin báo về giá thị trường. / What is told of market prices."`
	Stock      stockCmd      `cmd:"" help:"Tồn kho. / Stock."`
	Channels   channelsCmd   `cmd:"" help:"Các kênh bán hàng. / The channels."`
	Categories categoriesCmd `cmd:"" help:"Danh mục và thuộc tính của các sàn. / Categories and attributes of the platforms."`
	Sim        simCmd        `cmd:"" help:"Chạy một cửa hàng mô phỏng. / Run a simulated shop."`
	Doctor     doctorCmd     `cmd:"" help:"Kiểm tra mọi thứ và chỉ bước cần làm. / Check everything and say the next step."`
	Backup     backupCmd     `cmd:"" help:"Sao lưu toàn bộ dữ liệu. / Back up all data."`
	Restore    restoreCmd    `cmd:"" help:"Khôi phục từ bản sao lưu. / Restore a backup."`
	Completion completionCmd `cmd:"" help:"In lệnh tự điền cho shell. / Print shell completion."`
	Version    versionCmd    `cmd:"" help:"Phiên bản. / The version."`
	Generate   generateCmd   `cmd:"" hidden:""`
}

// codeError is an error with its exit code.
type codeError struct {
	code int
	error
}

func (e codeError) Unwrap() error { return e.error }

// withCode gives err an exit code; nil stays nil.
func withCode(code int, err error) error {
	if err == nil {
		return nil
	}
	return codeError{code, err}
}

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run is main without the process: it parses the arguments, runs the command
// and returns the exit code. Tests set what the command line cannot.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer, set ...func(*app)) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("chophien"),
		kong.Description("Chợ Phiên: một danh mục, mọi kênh bán hàng. / One catalog, every shop."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "chophien:", err)
		return exitFailure
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(stderr, "chophien: %v\nXem / see: chophien --help\n", err)
		return exitUsage
	}
	app := &app{cli: &c, kong: parser, stdin: stdin, stdout: stdout, stderr: stderr}
	for _, set := range set {
		set(app)
	}
	defer app.close()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(app); err != nil {
		if !errors.Is(err, errTold) {
			fmt.Fprintln(stderr, "chophien:", err)
		}
		if code := (codeError{}); errors.As(err, &code) {
			return code.code
		}
		return exitFailure
	}
	return exitOK
}

// errTold is the cause of an error whose explanation was printed already.
var errTold = errors.New("see above")
