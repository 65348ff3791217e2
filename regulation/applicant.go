package regulation

import (
	"strings"
	"time"
	"unicode"
)

// NormalName returns the one form of a person's name under which a handled matter is opened (6(3)): however it
// is typed, the same person is found. Spaces, the middle dots of transcribed Tibetan names and Tibetan marks
// between syllables go, full-width letters become ASCII and small, and the traditional characters that
// names have become simplified ones.
func NormalName(name string) string {
	return strings.Map(nameRune, name)
}

func nameRune(r rune) rune {
	r = narrow(r)
	switch {
	case unicode.IsSpace(r), unicode.Is(unicode.Cf, r), strings.ContainsRune("·•・‧∙⋅․.。-–—'’་༌།", r):
		return -1
	case simplified[r] != 0:
		return simplified[r]
	}
	return unicode.ToLower(r)
}

// namePairs are traditional characters of surnames and given names, each before its simplified one.
const namePairs = "張张陳陈劉刘楊杨趙赵黃黄吳吴孫孙馬马羅罗鄭郑謝谢韓韩馮冯蕭萧許许鄧邓葉叶蘇苏盧卢賈贾閻阎陸陆韋韦鍾钟譚谭鄒邹龍龙萬万湯汤賴赖龐庞顏颜聶聂齊齐莊庄鄔邬嚴严溫温倫伦蔣蒋關关賀贺錢钱衛卫華华鳳凤貝贝費费畢毕" +
	"樂乐時时項项紀纪強强婁娄顧顾鄺邝寧宁單单諸诸鞏巩聞闻竇窦瀋沈駱骆祿禄東东歐欧陽阳區区國国偉伟麗丽軍军靜静傑杰濤涛紅红豔艳艷艳蘭兰榮荣貴贵鵬鹏輝辉勝胜慶庆蓮莲雲云飛飞嬌娇瓊琼愛爱夢梦穎颖瑩莹潔洁寶宝銀银" +
	"鐵铁鋼钢鋒锋錦锦鈞钧鎮镇長长門门開开聖圣聰聪聲声興兴義义習习書书曉晓會会業业樹树橋桥權权歡欢歷历壽寿壯壮岡冈島岛廣广應应懷怀戰战揚扬於于晉晋暉晖術术構构極极標标機机氣气滿满漢汉濟济瀾澜灣湾烏乌無无爾尔" +
	"環环瑪玛當当發发盡尽禮礼禎祯種种積积穩稳節节範范簡简純纯紹绍結结絲丝綠绿維维緒绪綿绵繼继續续羣群肅肃臨临舉举藝艺藍蓝蘊蕴裏里見见視视覺觉親亲訓训記记詠咏詩诗誠诚語语誼谊調调諾诺謙谦譯译議议賢贤質质贊赞" +
	"輔辅輪轮達达運运遠远選选遜逊醫医釗钊銘铭鋭锐銳锐錫锡鏡镜鐘钟鑒鉴鑑鉴閃闪閣阁際际隨随雙双難难雋隽霧雾靈灵順顺領领頌颂願愿風风飄飘養养餘余駿骏騰腾驍骁驚惊鬆松魯鲁鮑鲍鴻鸿鵑鹃鶴鹤鷹鹰麥麦黨党點点齡龄龔龚" +
	"澤泽紮扎倉仓頓顿爭争傳传佇伫來来個个側侧偵侦備备僑侨儀仪億亿優优兒儿內内兩两冊册凍冻凱凯則则剛刚創创劍剑務务動动勵励勳勋勛勋匯汇協协卻却參参員员喬乔喚唤嘯啸園园圓圆團团堅坚執执塵尘墻墙壇坛奪夺奮奋妝妆" +
	"婦妇媧娲孌娈學学實实寬宽審审寫写將将專专尋寻對对導导屆届屬属峽峡嶺岭嶽岳巒峦師师帥帅帶带幣币幫帮庫库廟庙彥彦彌弥彙汇後后徑径從从復复徵征恆恒悅悦憲宪憶忆戀恋戶户擇择據据擴扩攝摄敘叙數数斕斓晝昼暢畅朧胧" +
	"條条棟栋楓枫樓楼樺桦檔档櫻樱欽钦歲岁殘残沖冲況况淚泪淨净淵渊渾浑湧涌準准滄沧漣涟漁渔潛潜潤润澗涧濃浓濱滨瀟潇燈灯燦灿燭烛爍烁爐炉牽牵獻献獨独現现琺珐瑋玮瑤瑶瓏珑甌瓯畫画異异疊叠皚皑盤盘眾众睜睁矯矫碩硕" +
	"礎础禦御稱称穌稣窮穷筆笔篤笃籃篮糧粮絡络絢绚綱纲緋绯編编緣缘縈萦總总績绩繡绣纓缨罷罢職职聯联聽听脈脉膽胆臺台艦舰莖茎萊莱葦苇蒼苍蔭荫薔蔷薈荟薑姜蘆芦蘋苹虛虚蝦虾蠶蚕衆众補补規规觀观觸触計计討讨託托設设" +
	"訪访證证評评詢询詳详誌志認认誦诵說说課课談谈請请論论諭谕諮咨諧谐講讲識识護护豈岂豐丰財财貢贡貨货販贩貫贯責责貯贮貿贸賓宾賜赐賞赏賦赋購购贈赠躍跃車车軒轩載载較较輕轻輿舆轉转辦办農农連连進进遊游過过遙遥" +
	"適适遷迁邁迈還还邊边郵邮鄉乡鄰邻釋释釧钏鈴铃鉅巨銓铨銜衔鋪铺錄录錚铮鍵键鎖锁鏈链鐸铎鑄铸閉闭閏闰閒闲間间閔闵閱阅闊阔闖闯隊队階阶陰阴險险雜杂離离電电霽霁"

var simplified = pairsOf(namePairs)

func pairsOf(text string) map[rune]rune {
	pairs, runes := map[rune]rune{}, []rune(text)
	for i := 0; i+1 < len(runes); i += 2 {
		pairs[runes[i]] = runes[i+1]
	}
	return pairs
}

// RatedBefore is the refusal of a second first rating of a handled matter (6(3)). It says where to see how the first
// stands, and no more: whoever served holds the matter's number and code too, and must not learn from them what
// was rated or how far its case is (clause 2, R04).
func RatedBefore() *Error { return refuse(Conflict, ClauseWeb, "matter_rated") }

// freeTries is how often a number and a name may be wrong before the next try has to wait: people mistype.
const freeTries = 3

// TryAgainAfter is how long a matter stays shut after so many wrong tries in a row (6(3)): half a minute after
// the fourth, twice as long after each further one, an hour at most, so that nobody shuts a citizen out for a
// day by typing.
func TryAgainAfter(failures int) time.Duration {
	if failures <= freeTries {
		return 0
	}
	return min(30*time.Second<<min(failures-freeTries-1, 10), time.Hour)
}
